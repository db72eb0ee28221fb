/**
 * Carry out: does what a plan says.
 *
 * Order: directories and removals as the plan goes down, files beside it in worker threads, then hard
 * links, and last the attributes of directories, bottom up, since everything done in a directory moves
 * its times. A crash leaves a directory that restoring again completes.
 */

import type { ChunkLocator } from "../catalog/chunk-locator.js";
import { missingChunk } from "../catalog/chunk-locator.js";
import type { DirectoryEntry, FileEntry } from "../model/entry.js";
import { joinPath, nameFromBytes } from "../scan/source-directory.js";
import type { Engine } from "../snapshot/engine.js";
import { contentExtents, isHole } from "../tree/content-reader.js";
import type { Root } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import type { Restorer } from "./attributes.js";
import type { StoredExtent } from "./extent-table.js";
import type { FileBatchDraft } from "./file-batch.js";
import { FileDispatcher } from "./file-dispatcher.js";
import {
  makeDirectory,
  makeLink,
  makeNode,
  removeEntry,
  updateFile,
  updateOpen,
} from "./node-writer.js";
import type { OpenedDirectories } from "./opened-directories.js";
import { RestoreProgress } from "./restore-progress.js";
import type { RestoreReportDraft } from "./restore-report.js";
import type { DirectoryStep, NameStep } from "./restore-step.js";
import { TargetDirectories } from "./target-directory.js";

/** A restore on its way. */
export interface RestoreRun {
  readonly engine: Engine;
  /** Objects of the target's tree and of what stands there now. */
  readonly objects: ObjectSource;
  /** Says where the target's chunks lie. */
  readonly locator: ChunkLocator;
  /** The directory to restore, existing. */
  readonly directory: string;
  readonly target: Root;
  /** Those that had to be opened for the while. */
  readonly opened: OpenedDirectories;
  readonly workers: number;
  /** Whether files share the packs' blocks, where the file system can. */
  readonly sharesBlocks: boolean;
  /**
   * Whether nothing may be left by a killed run that the next one could take for somebody else's: files appear whole,
   * and new directories have owner and mode from the start. @default false
   */
  readonly isGradual?: boolean;
  readonly report: RestoreReportDraft;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((done: number, bytes: number) => void) | undefined;
}

/**
 * Carries out the steps of a plan.
 *
 * @throws the signal's reason; what was done until then stays
 */
export async function carryOut(run: RestoreRun, steps: Iterable<DirectoryStep>): Promise<void> {
  const { engine, report } = run;
  const restorer: Restorer = {
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    umask: process.umask(),
  };
  const directories = new TargetDirectories(run.directory);
  const progress = new RestoreProgress((done) => run.onProgress?.(done, report.bytesWritten));
  const dispatcher = new FileDispatcher(
    {
      storeDirectory: engine.directory,
      storeId: engine.catalog.storeId,
      packNames: new Map(engine.catalog.packs().map((pack) => [pack.id, pack.name])),
      root: run.directory,
      restorer,
      sharesBlocks: run.sharesBlocks,
    },
    run.workers,
    engine.chunks,
    (result) => {
      report.bytesWritten += result.bytes;
      for (const limit of result.limits) report.addLimit(limit);
      progress.add(result.files);
      progress.tell();
    },
  );
  const links: { names: readonly Buffer[]; step: NameStep & { action: "link" } }[] = [];
  const attributes: { names: readonly Buffer[]; entry: DirectoryEntry }[] = [];
  /** By depth, of the directories from the root to the one at hand: whether this restore made it. */
  const isNewAt: boolean[] = [];
  try {
    for (const step of steps) {
      run.signal?.throwIfAborted();
      report.addStep(step);
      const { names } = step;
      const last = names.at(-1);
      // Steps come parents first, and a directory in which another is made always has one.
      isNewAt[names.length] = step.isNew;
      if (step.isNew && last !== undefined) {
        const isInNew = isNewAt[names.length - 1] === true;
        const above = names.slice(0, -1);
        const parent = directories.enter(above);
        if (!isInNew) run.opened.open(above, directories.descriptor);
        makeDirectory(parent, last, isInNew && run.isGradual !== true ? undefined : restorer);
        if (run.isGradual === true && step.attributes !== undefined) {
          directories.enter(names);
          const { attributes: entry } = step;
          const open = { ...entry, mode: entry.mode | 0o700 };
          updateOpen(directories.descriptor, open, (limit) => report.addLimit(limit));
        }
      }
      const linksBefore = links.length;
      const files = await doInDirectory(run, directories, step, dispatcher);
      for (const each of step.steps) if (each.action === "link") links.push({ names, step: each });
      const isMade = step.isNew && last !== undefined;
      const later = files + links.length - linksBefore;
      progress.add(step.steps.length - later + (isMade ? 1 : 0));
      if (step.attributes !== undefined) attributes.push({ names, entry: step.attributes });
    }
    await dispatcher.finish();
    run.signal?.throwIfAborted();
    for (const { names, step } of links) {
      linkName(run, directories, names, step);
      progress.add(1);
    }
    for (const { names, entry } of attributes.reverse()) {
      directories.enter(names);
      updateOpen(directories.descriptor, entry, (limit) => report.addLimit(limit));
    }
    progress.tell();
  } finally {
    await dispatcher.close();
    directories.close();
  }
}

/** Does everything in a directory but writing its files, which are dispatched; returns how many these are. */
async function doInDirectory(
  run: RestoreRun,
  directories: TargetDirectories,
  step: DirectoryStep,
  dispatcher: FileDispatcher,
): Promise<number> {
  if (step.steps.length === 0) return 0;
  const path = directories.enter(step.names);
  const changesNames = step.steps.some(({ action }) => action !== "update");
  if (!step.isNew && changesNames) run.opened.open(step.names, directories.descriptor);
  const onLimit = (limit: string): void => run.report.addLimit(limit);
  let batch: FileBatchDraft | undefined;
  let files = 0;
  for (const each of step.steps) {
    const { action, entry } = each;
    if (action === "remove") {
      if (!removeEntry(path, entry, run.objects, step.names, run.opened))
        run.report.addKept([...step.names, entry.name]);
    } else if (action === "update") {
      updateFile(joinPath(path, nameFromBytes(entry.name)), entry, onLimit);
    } else if (action !== "link" && entry.kind === "file") {
      if (batch !== dispatcher.batch) {
        batch = dispatcher.batch;
        batch.addDirectory(step.names, step.isNew && run.isGradual !== true);
      }
      const replaces = action === "replace" || run.isGradual === true;
      batch.addFile(each.record, entry.sizeBytes, replaces, storedExtents(run, entry));
      files++;
      if (dispatcher.isBatchFull) await dispatcher.send();
    } else if (action !== "link" && entry.kind !== "directory" && entry.kind !== "file") {
      makeNode(path, entry, action === "replace", onLimit);
    }
  }
  return files;
}

/** Yields where a file's bytes lie, but for holes. */
function* storedExtents(run: RestoreRun, entry: FileEntry): Generator<StoredExtent> {
  for (const extent of contentExtents(run.objects, entry.content, entry.sizeBytes)) {
    if (isHole(extent)) continue;
    const { digest, offset } = extent;
    const location = run.locator.locate(digest);
    if (location === undefined) throw missingChunk(digest);
    yield { fileOffset: offset, digest, location };
  }
}

function linkName(
  run: RestoreRun,
  directories: TargetDirectories,
  names: readonly Buffer[],
  step: NameStep & { action: "link" },
): void {
  const target = step.target
    .toString("latin1")
    .split("/")
    .map((name) => Buffer.from(name, "latin1"));
  // The target's directory stays open in a walk of its own while the name's is entered.
  const targets = new TargetDirectories(run.directory);
  try {
    const from = joinPath(
      targets.enter(target.slice(0, -1)),
      nameFromBytes(target.at(-1) as Buffer),
    );
    makeLink(from, directories.enter(names), step.entry.name);
  } finally {
    targets.close();
  }
}
