/**
 * Listed chunks: what the catalog lists of each pack, as the packs list it. All rows are read once, and held where they are few enough;
 * else they are read again for each group of packs.
 */
import {
  type ChunkLocator,
  LOCATED_PACK_AT,
  LOCATED_ROW_BYTES,
  LocatedChunks,
} from "../../catalog/chunk-locator.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_KINDS } from "../../pack/chunk-location.js";
import { CHUNK_ROW_WORDS, copyRow, rowWords } from "../../pack/row-words.js";
import type { Engine } from "../../snapshot/engine.js";
import { addUse, listedParts, type PackUse, rowsThat } from "./listed-rows.js";
import { sortRows } from "./sort-rows.js";

/** Rows that are held at a time, 64 bytes each. */
export const ROWS_HELD_MAX = 2_000_000;
/** Rows of objects that are held beside them; to find them takes a table, which few are not worth. */
const OBJECTS_HELD_MAX = 500_000;
const OBJECTS_HELD_MIN = 1000;

/** Where a row says what kind of chunk it is. */
const KIND_AT = DIGEST_BYTES + 12;

export class ListedChunks {
  /** How much of each pack is listed. */
  readonly uses: ReadonlyMap<number, PackUse>;
  /** Says where objects lay when the rows were read; of some it does not know. Absent where they are few. */
  readonly objects: ChunkLocator | undefined;
  readonly #engine: Pick<Engine, "catalog">;
  /** All rows, until they are asked for; `undefined` where they are too many. */
  #parts: Buffer[] | undefined;

  private constructor(
    engine: Pick<Engine, "catalog">,
    uses: ReadonlyMap<number, PackUse>,
    objects: ChunkLocator | undefined,
    parts: Buffer[] | undefined,
  ) {
    this.#engine = engine;
    this.uses = uses;
    this.objects = objects;
    this.#parts = parts;
  }

  /** Reads all rows: 0.5 µs each. Yields now and then. */
  static *read(engine: Pick<Engine, "catalog">): Generator<void, ListedChunks> {
    const uses = new Map<number, PackUse>();
    const objects: Buffer[] = [];
    let parts: Buffer[] | undefined = [];
    let rowCount = 0;
    let objectCount = 0;
    for (const part of listedParts(engine)) {
      for (let at = 0; at < part.length; at += LOCATED_ROW_BYTES) addUse(uses, part, at);
      rowCount += part.length / LOCATED_ROW_BYTES;
      if (rowCount > ROWS_HELD_MAX) parts = undefined;
      parts?.push(part);
      if (objectCount < OBJECTS_HELD_MAX) {
        // A copy, or all other rows would be held with them.
        const found = Buffer.from(rowsThat(part, isObject));
        objects.push(found);
        objectCount += found.length / LOCATED_ROW_BYTES;
      }
      yield;
    }
    // Those of small commits come first, and are in no order.
    const rows = Buffer.concat(objects.slice(1));
    const places = objectCount < OBJECTS_HELD_MIN ? undefined : new LocatedChunks(rows);
    return new ListedChunks(engine, uses, places, parts);
  }

  /**
   * Returns the rows of some packs, sorted by offset; of a pack without any, none. What was held is let go of. Yields now and then.
   */
  *rowsOf(packs: Iterable<number>): Generator<void, Map<number, Buffer>> {
    const counts = new Map([...packs].map((pack) => [pack, this.uses.get(pack)?.chunks ?? 0]));
    return yield* gatherRows(this.#takeParts(), counts);
  }

  *#takeParts(): Generator<Buffer, void> {
    const parts = this.#parts;
    this.#parts = undefined;
    if (parts === undefined) yield* listedParts(this.#engine);
    else for (let part = parts.shift(); part !== undefined; part = parts.shift()) yield part;
  }
}

/** A pack's rows, as they are gathered. */
interface RowsDraft {
  words: Uint32Array<ArrayBuffer>;
  /** Of the words. */
  used: number;
}

/**
 * Returns the rows of some packs, sorted by offset. Yields after each part.
 *
 * @param parts all rows (see chunk-locator)
 * @param counts about how many rows each of the packs has
 */
export function* gatherRows(
  parts: Iterable<Buffer>,
  counts: ReadonlyMap<number, number>,
): Generator<void, Map<number, Buffer>> {
  const drafts = new Map<number, RowsDraft>();
  for (const [pack, count] of counts)
    drafts.set(pack, { words: new Uint32Array(count * CHUNK_ROW_WORDS), used: 0 });
  for (const part of parts) {
    addRows(drafts, part);
    yield;
  }
  const rows = new Map<number, Buffer>();
  for (const [pack, { words, used }] of drafts) {
    rows.set(pack, sortRows(Buffer.from(words.buffer, 0, used * 4)));
    yield;
  }
  return rows;
}

/** Adds rows to those of their packs, where these are gathered. */
function addRows(drafts: ReadonlyMap<number, RowsDraft>, rows: Buffer): void {
  const from = rowWords(rows);
  for (let at = 0; at < rows.length; at += LOCATED_ROW_BYTES) {
    const draft = drafts.get(rows.readUInt32BE(at + LOCATED_PACK_AT));
    if (draft === undefined) continue;
    if (draft.used === draft.words.length) {
      const { words } = draft;
      draft.words = new Uint32Array(2 * words.length + CHUNK_ROW_WORDS);
      draft.words.set(words);
    }
    copyRow(from, at / 4, draft.words, draft.used);
    draft.used += CHUNK_ROW_WORDS;
  }
}

function isObject(rows: Buffer, at: number): boolean {
  return rows[at + KIND_AT] !== CHUNK_KINDS.data;
}
