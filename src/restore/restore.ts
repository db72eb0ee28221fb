/**
 * Restore: a directory becomes a snapshot's state with the fewest touches.
 *
 *     scan what stands (stat cache) -> compare trees -> plan -> carry out
 */

import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { SnapshotFilter, SnapshotRow } from "../catalog/snapshot-table.js";
import { checkWorkers } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import type { OnProgress } from "../model/options.js";
import { explainFailure } from "../model/system-failure.js";
import type { TreePath } from "../model/tree-path.js";
import { pathOfNames } from "../model/tree-path.js";
import { saveStatCache } from "../scan/stat-cache.js";
import { distrust } from "../scan/stat-lanes.js";
import { capture } from "../snapshot/capture.js";
import type { Engine } from "../snapshot/engine.js";
import { prepareToWrite } from "../snapshot/prepare-to-write.js";
import { Snapshot } from "../snapshot/snapshot.js";
import type { Source } from "../snapshot/source.js";
import { knownDirectory, makeSource, openSource } from "../snapshot/source.js";
import { whileHeld } from "../snapshot/while-held.js";
import type { Root } from "../tree/root.js";
import { expectedChunks, readRoot } from "../tree/root.js";
import { findEntry } from "../tree/tree-reader.js";
import { carryOut } from "./carry-out.js";
import { OpenedDirectories } from "./opened-directories.js";
import { planRestore } from "./plan-restore.js";
import type { RestoreReport } from "./restore-report.js";
import { RestoreReportDraft } from "./restore-report.js";
import { selectPaths } from "./select-paths.js";
import type { Standing } from "./standing-tree.js";
import { scanStanding } from "./standing-tree.js";

/** How a snapshot is restored. */
export interface RestoreOptions {
  /** Only these paths of the snapshot, each with everything below it. @default everything */
  readonly paths?: readonly TreePath[];
  /** Only tell what would be done. @default false */
  readonly plan?: boolean;
  /** Write into a directory that has content which this store never captured or restored. @default false */
  readonly force?: boolean;
  /**
   * Capture what stands in the directory first, as a snapshot labelled `undo` with the id of the snapshot
   * that is restored; the report names it. Nothing to undo is captured of an empty directory.
   * @default false
   */
  readonly undo?: boolean;
  /** Threads that write, 0 to 64; 0 writes in the calling thread. @default as many as there are processors, at most 8 */
  readonly workers?: number;
  /** Ends the restore; what was written until then stays, and restoring again goes on from there. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `scan` while what stands is looked at, then `restore`. */
  readonly onProgress?: OnProgress;
}

/** What callers within the library may choose beside. */
export interface OwnRestoreOptions {
  /** What of the directory is left alone. @default what the snapshot left out */
  readonly filter?: SnapshotFilter;
  /** Whether files share the packs' blocks; the file system can. @default false */
  readonly sharesBlocks?: boolean;
}

/** More threads than this wait for the disk rather than work. */
export const WORKERS_MAX = 8;

/** Restores a snapshot; see `Store.restore`. */
export async function restore(
  engine: Engine,
  row: SnapshotRow,
  directory: string,
  options: RestoreOptions,
  own: OwnRestoreOptions = {},
): Promise<RestoreReport> {
  checkWorkers(options.workers);
  const path = resolve(directory);
  const { signal } = options;
  const action = `restore to ${path}`;
  try {
    signal?.throwIfAborted();
    const restoring = () => restoreTo(engine, row, path, options, own);
    return await (options.plan === true ? restoring() : whileHeld(engine, row.digest, restoring));
  } catch (error) {
    throw explainFailure(error, action, signal, "what was written stays, restore again to go on");
  }
}

async function restoreTo(
  engine: Engine,
  row: SnapshotRow,
  path: string,
  options: RestoreOptions,
  { filter = row.filter, sharesBlocks = false }: OwnRestoreOptions,
): Promise<RestoreReport> {
  const isPlan = options.plan ?? false;
  const report = new RestoreReportDraft(isPlan);
  const prepared = isPlan ? undefined : prepareToWrite(engine);
  for (const remark of prepared?.remarks ?? []) report.addLimit(remark);
  requireSnapshot(engine, row);
  const target = readRoot(engine.objects, row.digest);
  const selection = selectPaths(options.paths);
  const isEmpty = !existsSync(path) || readdirSync(openSource(engine, path).path).length === 0;
  if (isPlan && isEmpty) {
    for (const step of planRestore(engine.objects, undefined, target, selection))
      report.addStep(step);
    return report.finish();
  }
  makeSource(engine, path);
  const source = openSource(engine, path);
  if (!isEmpty && options.force !== true) requireKnown(engine, source);
  if (!isEmpty && options.undo === true && !isPlan) {
    const { signal, workers } = options;
    const labels = { undo: row.id };
    const before = await capture(
      engine,
      path,
      {
        ...filter,
        labels,
        ...(signal && { signal }),
        ...(workers !== undefined && { workers }),
      },
      [row.id],
    );
    report.undo = new Snapshot(before.row, engine);
  }
  const opened = new OpenedDirectories(source.path);
  let isRight = (_: readonly Buffer[]): boolean => false;
  try {
    const standing = isEmpty
      ? undefined
      : await scanOpening(engine, filter, source, options, isPlan ? undefined : opened);
    const objects = standing?.objects ?? engine.objects;
    const steps = planRestore(objects, standing?.root, target, selection);
    if (isPlan) {
      for (const step of steps) report.addStep(step);
      return report.finish();
    }
    // Noted before the first write: a restore that is cut short may be started again.
    if (standing === undefined || options.force === true)
      engine.catalog.noteDirectory(knownDirectory(source));
    const isAll = standing === undefined && options.paths === undefined;
    const total = isAll ? row.entryCount : 0;
    const workers = options.workers ?? Math.min(WORKERS_MAX, availableParallelism());
    const onProgress = (done: number, bytes: number): void =>
      options.onProgress?.({ phase: "restore", done, total, bytes });
    const { signal } = options;
    const { chunks } = engine.catalog;
    await carryOut(
      {
        engine,
        objects,
        locator: isAll ? chunks.locatorFor(expectedChunks(target)) : chunks,
        directory: source.path,
        target,
        opened,
        workers,
        sharesBlocks,
        report,
        signal,
        onProgress,
      },
      steps,
    );
    // In a damaged store a file that stands may be the only one with what the snapshot lacks: it is read again.
    const isSound = prepared === undefined || prepared.damaged.readableBytes.size === 0;
    if (standing !== undefined && options.paths === undefined && isSound) {
      try {
        keepStatCache(engine, standing, target);
      } catch {
        // On a full disk, for instance: the next capture reads more than it would have had to.
      }
    }
    // What is the snapshot's has its mode.
    isRight = (names) =>
      selection.includes(pathOfNames(names)) &&
      findEntry(engine.objects, target.entry, names)?.kind === "directory";
    return report.finish();
  } finally {
    opened.putBack(isRight);
  }
}

/**
 * Returns what stands in a directory.
 *
 * @param opened takes the directories that the user owns and cannot read: they are opened for the while
 */
async function scanOpening(
  engine: Engine,
  filter: SnapshotFilter,
  source: Source,
  options: RestoreOptions,
  opened: OpenedDirectories | undefined,
): Promise<Standing> {
  for (;;) {
    try {
      return await scanStanding(engine, filter, source, options);
    } catch (error) {
      const { code, path } = error as Partial<CoppiceError>;
      if (opened === undefined || code !== "UNREADABLE" || path === undefined) throw error;
      const names = path === "" ? [] : path.split("/").map((name) => Buffer.from(name));
      if (!opened.openAt(names)) throw error;
    }
  }
}

/** @throws {CoppiceError} NOT_FOUND where a power cut took it, as was only found now */
function requireSnapshot({ catalog }: Pick<Engine, "catalog">, { id }: SnapshotRow): void {
  if (catalog.snapshots.find(id) !== undefined) return;
  throw new CoppiceError(
    "NOT_FOUND",
    `Cannot restore snapshot ${id}: it was removed, or lost in a power cut; list the snapshots`,
  );
}

/** @throws {CoppiceError} TARGET_NOT_EMPTY */
function requireKnown({ catalog }: Pick<Engine, "catalog">, source: Source): void {
  if (catalog.knowsDirectory(knownDirectory(source))) return;
  throw new CoppiceError(
    "TARGET_NOT_EMPTY",
    `Cannot restore to ${source.path}: it has content that this store did not put there, give an empty directory or force`,
    { path: source.path },
  );
}

/**
 * Keeps what the scan learned: files that the restore did not touch are still what they were, and all of
 * them are the snapshot's. What it touched no longer matches its lanes and is read again. The trees that
 * this scan built were not stored: their directories are listed again, so that the next capture builds them.
 */
function keepStatCache(engine: Engine, standing: Standing, target: Root): void {
  const { root, directories } = standing.scan;
  const block = root.isShared ? root.block.copy() : root.block;
  block.setSummary(target.entry);
  root.block = block;
  root.isShared = false;
  for (const each of directories)
    if (!each.isShared) distrust(each.block.lanes, each.block.ownLanes);
  saveStatCache(engine.disk, standing.place, directories, standing.sinceMs);
}
