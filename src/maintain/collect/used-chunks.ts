/**
 * Used chunks: which bytes of a pack something refers to.
 */
import { LOCATED_PACK_AT } from "../../catalog/chunk-locator.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import type { ChunkLocation } from "../../pack/chunk-location.js";
import { decodePlace } from "../../pack/chunk-table.js";
import type { Engine } from "../../snapshot/engine.js";
import { visitListed } from "../check/listed-rows.js";

/** A chunk that is used. */
export type UsedChunk = ChunkLocation & { readonly digest: Buffer };

/** Returns the used chunks of some packs, by their offsets. Yields now and then. */
export function* usedChunks(
  engine: Pick<Engine, "catalog">,
  packs: ReadonlySet<number>,
): Generator<void, Map<number, UsedChunk[]>> {
  const used = new Map<number, UsedChunk[]>([...packs].map((pack) => [pack, []]));
  yield* visitListed(engine, (rows, at) => {
    const pack = rows.readUInt32BE(at + LOCATED_PACK_AT);
    const chunks = used.get(pack);
    if (chunks === undefined) return;
    const digest = rows.subarray(at, at + DIGEST_BYTES);
    chunks.push({ digest, ...decodePlace(pack, rows, at + DIGEST_BYTES) });
  });
  for (const chunks of used.values()) chunks.sort((a, b) => a.offset - b.offset);
  return used;
}
