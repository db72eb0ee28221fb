/**
 * Apply: a workspace's changes become those of an ordinary directory.
 *
 *     capture the workspace -> scan the target -> merge three trees -> plan -> look again -> carry out
 *
 * The merge leaves the target's own changes alone. Nothing is written before all conflicts are known.
 */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { SnapshotFilter, SnapshotRow } from "../../catalog/snapshot-table.js";
import { checkWord, checkWorkers } from "../../model/check-options.js";
import { CoppiceError } from "../../model/error.js";
import { omittedPattern } from "../../model/omitted-paths.js";
import type { OnProgress } from "../../model/options.js";
import { explainFailure } from "../../model/system-failure.js";
import { carryOut } from "../../restore/carry-out.js";
import { findObstacles } from "../../restore/find-obstacles.js";
import { OpenedDirectories } from "../../restore/opened-directories.js";
import { WORKERS_MAX } from "../../restore/restore.js";
import type { RestoreReport } from "../../restore/restore-report.js";
import { RestoreReportDraft } from "../../restore/restore-report.js";
import { scanStanding } from "../../restore/standing-tree.js";
import type { Engine } from "../../snapshot/engine.js";
import { prepareToWrite } from "../../snapshot/prepare-to-write.js";
import { Snapshot } from "../../snapshot/snapshot.js";
import type { Source } from "../../snapshot/source.js";
import { whileHeld } from "../../snapshot/while-held.js";
import type { TreeConflict } from "../../tree/tree-conflict.js";
import { findEntry } from "../../tree/tree-reader.js";
import type { CapturedWorkspace } from "./apply-base.js";
import { applyBase } from "./apply-base.js";
import type { ApplyConflict } from "./apply-conflict.js";
import { applyConflict, applyConflictError } from "./apply-conflict.js";
import type { ApplyPlan } from "./apply-plan.js";
import { planApply } from "./apply-plan.js";
import { captureTarget, openTarget } from "./apply-target.js";

/** How a workspace's changes are applied. */
export interface ApplyOptions {
  /** Only tell what would be done, conflicts included. @default false */
  readonly plan?: boolean;
  /**
   * What becomes of paths that the target changed too: `fail` writes nothing at all, `skip` leaves these as they are
   * in the target, and applies the rest.
   * @default "fail"
   */
  readonly onConflict?: "fail" | "skip";
  /**
   * Capture the target first, as a snapshot labelled `undo` with the id of the snapshot that is applied; the report
   * names it. Restoring it takes everything back. There is none where nothing is to be done.
   * @default false
   */
  readonly undo?: boolean;
  /**
   * The state from which changes are told, to be given where an earlier one was applied already.
   * @default the newest one that the workspace comes from and that was captured from the target; else the one that it was forked from
   */
  readonly since?: Snapshot;
  /**
   * What of the target, and of the workspace, is left alone: patterns as in a gitignore file.
   * @default what the capture left out that the workspace comes from
   */
  readonly exclude?: readonly string[];
  /** Whether what the target's `.gitignore` files say is left alone. @default as the capture that the workspace comes from */
  readonly gitignore?: boolean;
  /** Threads, 0 to 64; 0 works in the calling thread. @default as many as there are processors, at most 8 */
  readonly workers?: number;
  /** Ends it; what was written until then stays, and applying again goes on from there. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `scan` while the target is looked at, then `restore`. */
  readonly onProgress?: OnProgress;
}

/** The account of what was applied. */
export interface ApplyReport extends RestoreReport {
  /** Paths that the target changed too, and that were left as they are there; sorted by path. */
  readonly conflicts: readonly ApplyConflict[];
  /** The workspace as it was captured and applied. */
  readonly snapshot: Snapshot;
  /** The state from which the changes were told. */
  readonly base: Snapshot;
}

/** What is applied. */
export interface AppliedWorkspace {
  readonly path: string;
  /** What its snapshots do not have, and is the target's own therefore. */
  readonly omit: readonly string[];
  /** Captures it. */
  capture(): Promise<Pick<CapturedWorkspace, "base" | "head">>;
}

/** How often a target is looked at that changes meanwhile. */
const ATTEMPTS_MAX = 3;

/** Applies a workspace's changes; see `Workspace.apply`. */
export async function apply(
  engine: Engine,
  workspace: AppliedWorkspace,
  directory: string,
  options: ApplyOptions,
): Promise<ApplyReport> {
  checkWorkers(options.workers);
  checkWord("onConflict", options.onConflict, ["fail", "skip"]);
  const { signal } = options;
  const target = resolve(directory);
  const action = `apply to ${target}`;
  try {
    signal?.throwIfAborted();
    const source = openTarget(engine, workspace.path, target);
    const { path, omit } = workspace;
    const captured = { path, omit, ...(await workspace.capture()) };
    return await applyTo(engine, source, captured, options);
  } catch (error) {
    throw explainFailure(error, action, signal, "what was written stays, apply again to go on");
  }
}

/** What one application works with. */
interface Application {
  readonly engine: Engine;
  readonly source: Source;
  readonly workspace: CapturedWorkspace;
  readonly options: ApplyOptions;
  readonly base: SnapshotRow;
  readonly filter: SnapshotFilter;
  readonly report: RestoreReportDraft;
}

async function applyTo(
  engine: Engine,
  source: Source,
  workspace: CapturedWorkspace,
  options: ApplyOptions,
): Promise<ApplyReport> {
  const isPlan = options.plan ?? false;
  const found = applyBase(engine, workspace, source.path, options.since?.id);
  const { exclude = found.filter.exclude, gitignore = found.filter.gitignore } = options;
  const filter = { exclude: [...exclude, ...workspace.omit.map(omittedPattern)], gitignore };
  const report = new RestoreReportDraft(isPlan);
  const all = { engine, source, workspace, options, base: found.row, filter, report };
  if (!isPlan) for (const remark of prepareToWrite(engine).remarks) report.addLimit(remark);
  for (let attempt = 1; ; attempt++) {
    const conflicts = await attemptOnce(all, isPlan);
    if (conflicts !== undefined) {
      return {
        ...report.finish(),
        conflicts: conflicts.map(applyConflict),
        snapshot: new Snapshot(workspace.head, engine),
        base: new Snapshot(found.row, engine),
      };
    }
    if (attempt === ATTEMPTS_MAX) {
      throw new CoppiceError(
        "UNREADABLE",
        `Cannot apply to ${source.path}: it changes faster than it can be compared, stop what writes to it`,
        { path: source.path },
      );
    }
  }
}

/**
 * Returns the conflicts once all else is done, or `undefined` where the target changed meanwhile and nothing was.
 *
 * @throws {ConflictError}
 */
async function attemptOnce(
  { engine, source, workspace, options, base, filter, report }: Application,
  isPlan: boolean,
): Promise<readonly TreeConflict[] | undefined> {
  const standing = await scanStanding(engine, filter, source, options);
  const states = { base: base.digest, theirs: workspace.head.digest };
  const plan = planApply(standing, source.path, states, filter);
  const { steps, conflicts } = plan;
  if (!plan.isCurrent) return undefined;
  if (isPlan) {
    for (const step of steps) report.addStep(step);
    return conflicts;
  }
  if (conflicts.length > 0 && (options.onConflict ?? "fail") === "fail")
    throw applyConflictError(source.path, conflicts.map(applyConflict));
  if (steps.length === 0) return conflicts;
  if (options.undo === true) {
    const before = await captureTarget(engine, source.path, workspace.head.id, filter, options);
    const isCurrent =
      before.digest.equals(standing.digest) &&
      findObstacles(source.path, standing.scan, steps).length === 0;
    if (!isCurrent) {
      engine.catalog.snapshots.remove(before.id, false);
      return undefined;
    }
    report.undo = new Snapshot(before, engine);
  }
  await whileHeld(engine, workspace.head.digest, () =>
    write(engine, source.path, plan, options, report),
  );
  return conflicts;
}

/** Carries out a plan. */
async function write(
  engine: Engine,
  target: string,
  { root, objects, steps }: ApplyPlan,
  { workers = Math.min(WORKERS_MAX, availableParallelism()), signal, onProgress }: ApplyOptions,
  report: RestoreReportDraft,
): Promise<void> {
  const opened = new OpenedDirectories(target);
  let isRight = (_: readonly Buffer[]): boolean => false;
  try {
    await carryOut(
      {
        engine,
        objects,
        locator: engine.catalog.chunks,
        directory: target,
        target: root,
        opened,
        workers,
        sharesBlocks: false,
        isGradual: true,
        report,
        signal,
        onProgress: (done, bytes) => onProgress?.({ phase: "restore", done, total: 0, bytes }),
      },
      steps,
    );
    // Directories in which names were changed have got their modes.
    isRight = (names) => findEntry(objects, root.entry, names)?.kind === "directory";
  } finally {
    opened.putBack(isRight);
  }
}
