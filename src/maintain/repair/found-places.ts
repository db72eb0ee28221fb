/**
 * Found places: where objects lie among the rows of packs that were just found, so that the catalog need not be asked.
 */
import type { ChunkLocator } from "../../catalog/chunk-locator.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_KINDS, type ChunkLocation } from "../../pack/chunk-location.js";
import { CHUNK_ROW_BYTES, decodePlace } from "../../pack/chunk-table.js";

/** So many are held, some 300 bytes each; of others it does not know. */
const PLACES_MAX = 500_000;
/** Where a row says what kind of chunk it is. */
const KIND_AT = DIGEST_BYTES + 12;

export class FoundPlaces implements ChunkLocator {
  /** By digest, in Latin-1. */
  readonly #places = new Map<string, ChunkLocation>();

  constructor(packs: readonly { readonly id: number; readonly rows: Buffer }[]) {
    for (const { id, rows } of packs) {
      for (let at = 0; at < rows.length && this.#places.size < PLACES_MAX; at += CHUNK_ROW_BYTES) {
        if (rows[at + KIND_AT] === CHUNK_KINDS.data) continue;
        const digest = rows.toString("latin1", at, at + DIGEST_BYTES);
        this.#places.set(digest, decodePlace(id, rows, at + DIGEST_BYTES));
      }
    }
  }

  locate(digest: Buffer): ChunkLocation | undefined {
    return this.#places.get(digest.toString("latin1"));
  }
}
