/**
 * Found objects: objects among chunks that are not listed yet, and those that are.
 */
import type { Disk } from "../../disk/disk.js";
import type { ChunkLocation } from "../../pack/chunk-location.js";
import { ChunkReader } from "../../pack/chunk-reader.js";
import { chunkRows } from "../../pack/chunk-table.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { readOrDamaged } from "../check/is-damage.js";
import type { UnlistedChunks } from "./find-unlisted.js";

export class FoundObjects implements ObjectSource {
  readonly #places = new Map<string, ChunkLocation>();
  readonly #reader: ChunkReader;
  readonly #listed: ObjectSource;

  constructor(
    disk: Disk,
    storeId: string,
    unlisted: readonly Pick<UnlistedChunks, "name" | "rows">[],
    listed: ObjectSource,
  ) {
    this.#listed = listed;
    this.#reader = new ChunkReader(disk, { storeId, packName: (id) => unlisted[id]!.name });
    for (const [index, { rows }] of unlisted.entries())
      for (const row of chunkRows(rows, index))
        this.#places.set(row.digest.toString("latin1"), row);
  }

  /** Whether a chunk is among those that are not listed yet. */
  has(digest: Buffer): boolean {
    return this.#places.has(digest.toString("latin1"));
  }

  readObject(digest: Buffer): Buffer {
    const place = this.#places.get(digest.toString("latin1"));
    if (place === undefined) return this.#listed.readObject(digest);
    const bytes = Buffer.allocUnsafe(place.lengthBytes);
    // Packs stay open only for as long as one is read: there are few objects.
    try {
      readOrDamaged(digest, () => this.#reader.readInto(digest, place, bytes));
    } finally {
      this.#reader.closeOthers(() => false);
    }
    return bytes;
  }
}
