/**
 * Pack usage: which bytes of a pack something refers to.
 */
import { LOCATED_PACK_AT, LOCATED_ROW_BYTES } from "../../catalog/chunk-locator.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import type { ChunkLocation } from "../../pack/chunk-location.js";
import { decodePlace } from "../../pack/chunk-table.js";
import type { Engine } from "../../snapshot/engine.js";

/** A chunk that is used. */
export type UsedChunk = ChunkLocation & { readonly digest: Buffer };

/** How much of a pack is used. */
export interface PackUse {
  chunks: number;
  bytes: number;
}

/** Returns how much of each pack is used; none of those that are not listed. Yields now and then. */
export function* measurePacks({
  catalog,
}: Pick<Engine, "catalog">): Generator<void, Map<number, PackUse>> {
  const uses = new Map<number, PackUse>();
  catalog.joinRecentChunks();
  for (const rows of catalog.chunks.rowParts()) {
    for (let at = 0; at < rows.length; at += LOCATED_ROW_BYTES) {
      const pack = rows.readUInt32BE(at + LOCATED_PACK_AT);
      let use = uses.get(pack);
      if (use === undefined) uses.set(pack, (use = { chunks: 0, bytes: 0 }));
      use.chunks++;
      use.bytes += rows.readUInt32LE(at + DIGEST_BYTES + 8);
    }
    yield;
  }
  return uses;
}

/** Returns the used chunks of some packs, by their offsets. Yields now and then. */
export function* usedChunks(
  { catalog }: Pick<Engine, "catalog">,
  packs: ReadonlySet<number>,
): Generator<void, Map<number, UsedChunk[]>> {
  const used = new Map<number, UsedChunk[]>([...packs].map((pack) => [pack, []]));
  catalog.joinRecentChunks();
  for (const rows of catalog.chunks.rowParts()) {
    for (let at = 0; at < rows.length; at += LOCATED_ROW_BYTES) {
      const pack = rows.readUInt32BE(at + LOCATED_PACK_AT);
      const chunks = used.get(pack);
      if (chunks === undefined) continue;
      const digest = rows.subarray(at, at + DIGEST_BYTES);
      chunks.push({ digest, ...decodePlace(pack, rows, at + DIGEST_BYTES) });
    }
    yield;
  }
  for (const chunks of used.values()) chunks.sort((a, b) => a.offset - b.offset);
  return used;
}
