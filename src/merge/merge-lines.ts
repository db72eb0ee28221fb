/**
 * Merge lines: what two sides made of one text, put together line by line (diff3).
 *
 * A line is its bytes with what ends it, so that line endings, mixed ones too, and a last line that nothing ends come
 * out as they went in. The same whichever side is called ours, but for the order in which a union has both.
 */
import { diff3Merge } from "node-diff3";

/**
 * The library looks for each line at all places where the other side has it, each time through what it has found so far: a
 * nanosecond a step, measured. Texts in which lines repeat by the thousand come to more than that half a second.
 */
const STEPS_MAX = 500_000_000;

/** After how many lines others may get their turn: a millisecond. */
const LINES_BETWEEN = 4096;

/** The bytes of a file on all sides. */
export interface ThreeTexts {
  /** Empty where there was none. */
  readonly base: Buffer;
  readonly ours: Buffer;
  readonly theirs: Buffer;
}

/**
 * Returns the merged text; `undefined` where both sides changed the same lines, or lines next to each other, in different ways, or
 * where so many lines repeat that it would take too long. Yields between parts of the texts.
 *
 * @param isUnion whether the lines of both sides are taken there, those of ours first
 */
export function* mergeLines(
  texts: ThreeTexts,
  isUnion: boolean,
): Generator<void, Buffer | undefined> {
  const numbers = new LineNumbers();
  const base = yield* numbers.of(texts.base);
  const ours = yield* numbers.of(texts.ours);
  const theirs = yield* numbers.of(texts.theirs);
  const all = { a: ours, o: base, b: theirs };
  const merged: number[] = [];
  let steps = 0;
  for (const { a, o, b } of partsOf(all, yield* anchorsOf(all))) {
    yield;
    const taken = isSame(o, a) ? b : isSame(o, b) || isSame(a, b) ? a : undefined;
    if (taken !== undefined) {
      append(merged, taken);
      continue;
    }
    steps += stepsOf(o, a) + stepsOf(o, b);
    if (steps > STEPS_MAX) return undefined;
    for (const { ok, conflict } of diff3Merge<number>(a, o, b)) {
      if (conflict !== undefined && !isUnion) return undefined;
      append(merged, ok ?? conflict?.a ?? []);
      append(merged, conflict?.b ?? []);
    }
  }
  return numbers.text(merged);
}

/** Tells lines from each other by numbers: these are compared more cheaply. */
class LineNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #lines: string[] = [];

  /** @returns a number for each line */
  *of(text: Buffer): Generator<void, number[]> {
    const numbers: number[] = [];
    // As Latin-1 each character is a byte, and comes back as it was.
    const all = text.toString("latin1");
    for (let start = 0; start < all.length; ) {
      const feed = all.indexOf("\n", start);
      const end = feed < 0 ? all.length : feed + 1;
      numbers.push(this.#number(all.slice(start, end)));
      start = end;
      if (numbers.length % LINES_BETWEEN === 0) yield;
    }
    return numbers;
  }

  /** Returns the bytes of some lines. One that nothing ends and that others follow is ended as the line before it is. */
  text(numbers: readonly number[]): Buffer {
    let feed = "\n";
    const lines = numbers.map((number, index) => {
      const line = this.#lines[number] as string;
      if (line.endsWith("\n")) feed = line.endsWith("\r\n") ? "\r\n" : "\n";
      else if (index < numbers.length - 1) return line + feed;
      return line;
    });
    return Buffer.from(lines.join(""), "latin1");
  }

  #number(line: string): number {
    let number = this.#numbers.get(line);
    if (number === undefined) {
      number = this.#lines.push(line) - 1;
      this.#numbers.set(line, number);
    }
    return number;
  }
}

/** Numbers of lines, as the library takes them. */
interface ThreeLines {
  readonly a: number[];
  readonly o: number[];
  readonly b: number[];
}

interface Anchor {
  readonly a: number;
  readonly o: number;
  readonly b: number;
}

/**
 * Yields the texts in parts: each ends with a line that all sides have once. Nothing that is changed reaches
 * across such a line, so that what comes of the parts is what comes of the whole.
 */
function* partsOf(all: ThreeLines, anchors: readonly Anchor[]): Generator<ThreeLines> {
  let from = { a: 0, o: 0, b: 0 };
  const cut = (to: typeof from) => ({
    a: all.a.slice(from.a, to.a),
    o: all.o.slice(from.o, to.o),
    b: all.b.slice(from.b, to.b),
  });
  for (const each of anchors) {
    const to = { a: each.a + 1, o: each.o + 1, b: each.b + 1 };
    yield cut(to);
    from = to;
  }
  yield cut({ a: all.a.length, o: all.o.length, b: all.b.length });
}

/** Returns where lines stand that all sides have once, in the same order. */
function* anchorsOf({ a, o, b }: ThreeLines): Generator<void, Anchor[]> {
  const inA = placesOfOnce(a);
  yield;
  const inO = placesOfOnce(o);
  yield;
  const inB = placesOfOnce(b);
  yield;
  const common = [...inO].flatMap(([line, at]) => {
    const [first, second] = [inA.get(line), inB.get(line)];
    return first === undefined || second === undefined ? [] : [{ a: first, o: at, b: second }];
  });
  // Each side for itself, so that neither comes first; what is in both rows rises on both sides.
  const risingInA = longestRising(common.map((each) => each.a));
  yield;
  const risingInB = longestRising(common.map((each) => each.b));
  return common.filter((_, index) => risingInA.has(index) && risingInB.has(index));
}

/** Returns where the lines stand that there are once, in their order. */
function placesOfOnce(lines: readonly number[]): Map<number, number> {
  const places = new Map<number, number>();
  const repeated = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (places.has(line)) repeated.add(line);
    else places.set(line, index);
  }
  for (const line of repeated) places.delete(line);
  return places;
}

/** Returns the indices of a longest row of numbers that rise. */
function longestRising(numbers: readonly number[]): Set<number> {
  /** By length of the row: the index of the least number with which one ends. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [index, number] of numbers.entries()) {
    let low = 0;
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((numbers[ends[middle] as number] as number) < number) low = middle + 1;
      else high = middle;
    }
    before.push(ends[low - 1]);
    ends[low] = index;
  }
  const row = new Set<number>();
  for (let index = ends.at(-1); index !== undefined; index = before[index]) row.add(index);
  return row;
}

/** Returns how many steps it takes at most to compare two texts. */
function stepsOf(before: readonly number[], after: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const line of after) counts.set(line, (counts.get(line) ?? 0) + 1);
  const pairs = before.reduce((sum, line) => sum + (counts.get(line) ?? 0), 0);
  return pairs * Math.min(before.length, after.length);
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

/** A call with all of them as arguments would be one with too many. */
function append(lines: number[], more: readonly number[]): void {
  for (const line of more) lines.push(line);
}
