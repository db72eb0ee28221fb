/**
 * Move pack: copies what counts of a pack into others, in phase as it was, and mostly retires it.
 */
import type { CollectablePack } from "../../catalog/collection-table.js";
import { PHASE_BYTES } from "../../pack/pack-writer.js";
import { Commitment } from "../../snapshot/commitment.js";
import type { Engine } from "../../snapshot/engine.js";
import { writerBase } from "../../snapshot/writer-base.js";
import { clearImagesOf } from "../../workspace/overlayfs/clear-layers.js";
import type { UsedChunk } from "./used-chunks.js";

/**
 * Copies chunks out of a pack that the caller's session owns, synced. Where this fails, everything is as it was.
 *
 * @param then what becomes of the pack: retired, or owned still
 * @returns by how many bytes the other packs grew
 * @throws {CoppiceError} CORRUPT where a chunk is damaged, DISK_FULL, IO
 * @throws {PackInUse}
 */
export function movePack(
  engine: Engine,
  { id, name }: Pick<CollectablePack, "id" | "name">,
  used: readonly UsedChunk[],
  then: "retired" | "stays" = "retired",
): number {
  const { catalog, disk, chunks } = engine;
  const base = writerBase(engine);
  const commitment = new Commitment(engine, base);
  try {
    let run = 0;
    let end = -1;
    for (const [index, chunk] of used.entries()) {
      const bytes = Buffer.allocUnsafe(chunk.lengthBytes);
      chunks.readInto(chunk.digest, chunk, bytes);
      if (chunk.offset !== end) run++;
      const follows =
        chunk.offset === end || used[index + 1]?.offset === chunk.offset + bytes.length;
      end = chunk.offset + bytes.length;
      const isMapped = follows || bytes.length >= PHASE_BYTES;
      base.chunks.append(
        bytes,
        chunk.digest,
        chunk.kind,
        isMapped ? { file: run, offset: chunk.offset } : undefined,
      );
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
