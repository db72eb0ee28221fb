/**
 * Move pack: copies what counts of a pack into others, in phase as it was, and mostly retires it.
 */
import type { CollectablePack } from "../../catalog/collection-table.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_ROW_BYTES, decodePlace } from "../../pack/chunk-table.js";
import { PHASE_BYTES } from "../../pack/pack-writer.js";
import { Commitment } from "../../snapshot/commitment.js";
import type { Engine } from "../../snapshot/engine.js";
import { writerBase } from "../../snapshot/writer-base.js";
import { clearImagesOf } from "../../workspace/overlayfs/clear-layers.js";
import { offsetAt } from "../check/sort-rows.js";

/**
 * Copies chunks out of a pack that the caller's session owns, synced. Where this fails, everything is as it was.
 *
 * @param used the rows of the chunks, by offsets
 * @param then what becomes of the pack: retired, or owned still
 * @returns by how many bytes the other packs grew
 * @throws {CoppiceError} CORRUPT where a chunk is damaged, DISK_FULL, IO
 * @throws {PackInUse}
 */
export function movePack(
  engine: Engine,
  { id, name }: Pick<CollectablePack, "id" | "name">,
  used: Buffer,
  then: "retired" | "stays" = "retired",
): number {
  const { catalog, disk, chunks } = engine;
  const base = writerBase(engine);
  const commitment = new Commitment(engine, base);
  try {
    let run = 0;
    let end = -1;
    for (let at = 0; at < used.length; at += CHUNK_ROW_BYTES) {
      const digest = used.subarray(at, at + DIGEST_BYTES);
      const place = decodePlace(id, used, at + DIGEST_BYTES);
      const { offset, kind, lengthBytes } = place;
      const bytes = Buffer.allocUnsafe(lengthBytes);
      chunks.readInto(digest, place, bytes);
      if (offset !== end) run++;
      const next = at + CHUNK_ROW_BYTES;
      const isFollowed = next < used.length && offsetAt(used, next) === offset + lengthBytes;
      const isMapped = offset === end || isFollowed || lengthBytes >= PHASE_BYTES;
      end = offset + lengthBytes;
      base.chunks.append(bytes, digest, kind, isMapped ? { file: run, offset } : undefined);
    }
    const packs = base.chunks.finish(true);
    const addition = { packs, synced: packs, bootId: disk.bootId };
    const retires = then === "retired";
    commitment.run(() =>
      catalog.commitMove({ id, retires }, addition, () => clearImagesOf(engine, name)),
    );
    const before = base.packs.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    return packs.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0) - before;
  } catch (error) {
    catalog.releasePacks([id]);
    throw error;
  } finally {
    commitment.end();
  }
}
