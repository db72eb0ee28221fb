/** Bytes of files in tests: told by a few numbers, so that a failing case can be printed. */
import fc from "fast-check";

/** Which bytes a file has. */
export interface BytesSpec {
  readonly size: number;
  /** `pages` begins like a SQLite file, which is cut in pages; `holed` has runs of zeros between random bytes. */
  readonly pattern: "random" | "zeros" | "repeated" | "pages" | "holed";
  readonly seed: number;
}

/** Returns the bytes of a spec, always the same ones. */
export function bytesOf({ size, pattern, seed }: BytesSpec): Buffer {
  const bytes = Buffer.alloc(size);
  if (pattern === "repeated") return bytes.fill(`${seed} `);
  if (pattern === "zeros") return bytes;
  fillRandom(bytes, seed);
  if (pattern === "pages") bytes.write("SQLite format 3\0", "latin1");
  if (pattern === "holed") {
    // Runs of all lengths up to four times the shortest hole that is kept, on and off the grid.
    let state = seed;
    for (let at = seed % 5000; at < size; ) {
      state = next(state);
      const length = state % 65_536;
      bytes.fill(0, at, Math.min(size, at + length));
      at += length + (next(state) % 30_000);
    }
  }
  return bytes;
}

/** The limits of the cutter and of the scan: one byte around each is where they go wrong. */
const limits = [4096, 8192, 16_384, 20_480, 65_536, 131_072];

/** Sizes of files, mostly small, often at a limit, now and then larger than a read. */
export const fileSizes: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.nat(100) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...limits), fc.integer({ min: -1, max: 1 }))
      .map(([limit, more]) => limit + more),
  },
  { weight: 2, arbitrary: fc.integer({ min: 65_537, max: 300_000 }) },
  // The half of the window that is read at once, and the size from which a file is a task of its own.
  { weight: 1, arbitrary: fc.constantFrom(2_097_151, 2_097_153, 4_194_303, 4_194_304) },
);

/** Bytes of files. */
export const fileBytes: fc.Arbitrary<BytesSpec> = fc.record({
  size: fileSizes,
  pattern: fc.constantFrom("random", "random", "zeros", "repeated", "pages", "holed"),
  // Few seeds: contents come again, as a whole and as a part.
  seed: fc.integer({ min: 1, max: 6 }),
});

function fillRandom(bytes: Buffer, seed: number): void {
  let state = seed;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE((state = next(state)), at);
  for (; at < bytes.length; at++) bytes[at] = state = next(state);
}

/** Marsaglia's xorshift with 32 bits; never 0 from a seed that is not. */
function next(state: number): number {
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}
