/**
 * Import: an archive becomes a snapshot, or what an overlay stands on.
 */
import type { Keep } from "../catalog/hold-table.js";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { checkLabels, checkName, checkWord } from "../model/check-options.js";
import type { RoomMade } from "../model/room-made.js";
import { explainFailure } from "../model/system-failure.js";
import { CHUNK_KINDS } from "../pack/chunk-location.js";
import type { Engine } from "../snapshot/engine.js";
import { unlessCollected } from "../snapshot/require-stored.js";
import { roomFor } from "../snapshot/room-for.js";
import type { SnapshotOptions } from "../snapshot/snapshot-options.js";
import { SnapshotWriter } from "../snapshot/snapshot-writer.js";
import { isRepeatable } from "./bytes/archive-bytes.js";
import type { Unpacked } from "./unpack.js";
import { checkUnpackOptions, unpack } from "./unpack.js";
import type { ArchiveSource, UnpackOptions, UnpackReport } from "./unpack-options.js";

/** What an archive became. */
export interface ImportedArchive {
  readonly row: SnapshotRow;
  readonly report: UnpackReport & RoomMade;
}

/** Makes a snapshot of an archive; see `Store.import`. */
export async function importArchive(
  engine: Engine,
  source: ArchiveSource,
  options: UnpackOptions & SnapshotOptions,
): Promise<ImportedArchive> {
  checkUnpackOptions(options);
  checkName(options.name);
  checkLabels(options.labels);
  checkWord("durability", options.durability, ["full", "relaxed"]);
  const { name, labels = {}, durability } = options;
  const { row, isOver, report } = await stored(
    engine,
    source,
    options,
    durability,
    (writer, { built, packs }) =>
      writer.commit({
        ...built,
        packs,
        ...{ parent: undefined, name, labels, source: "" },
        filter: { exclude: [], gitignore: false },
      }),
  );
  const room = await roomFor(engine, { row, isOver }, options.signal);
  return { row, report: { ...report, ...room } };
}

/**
 * Stores what an archive has in it, without a snapshot; see `Store.unpack`.
 *
 * @returns its root, with what keeps it for as long as that is referred to
 */
export async function unpackArchive(
  engine: Engine,
  source: ArchiveSource,
  options: UnpackOptions,
): Promise<{ readonly root: Buffer; readonly keep: Keep; readonly report: UnpackReport }> {
  checkUnpackOptions(options);
  return stored(engine, source, options, "relaxed", (writer, { built: { root }, packs }) => {
    writer.put(root.bytes, root.digest, CHUNK_KINDS.root);
    const hold = { digest: root.digest, role: "root" } as const;
    const keep = engine.catalog.holds.keep(hold);
    writer.commitChunks([hold], packs);
    return { root: root.digest, keep };
  });
}

async function stored<T>(
  engine: Engine,
  source: ArchiveSource,
  options: UnpackOptions,
  durability: SnapshotOptions["durability"],
  commit: (writer: SnapshotWriter, unpacked: Unpacked) => T,
): Promise<T & { readonly report: UnpackReport }> {
  const startedMs = performance.now();
  const attempt = async () => {
    options.signal?.throwIfAborted();
    const writer = new SnapshotWriter(engine, durability);
    try {
      const unpacked = await unpack(writer, engine.directory, source, options);
      options.signal?.throwIfAborted();
      const result = commit(writer, unpacked);
      const durationMs = performance.now() - startedMs;
      return { ...result, report: { ...unpacked.report, durationMs } };
    } finally {
      writer.close();
    }
  };
  try {
    return await unlessCollected(attempt, isRepeatable(source) ? undefined : 1);
  } catch (error) {
    throw explainFailure(error, "unpack archive", options.signal, "nothing was registered");
  }
}
