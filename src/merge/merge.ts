/**
 * Merge: what became of one snapshot in two others, put together as a new one.
 *
 *     base, ours, theirs -> names -> renames -> conflicts -> hard links -> tree -> commit
 *
 * All of it is worked out in memory: only the bytes of files whose lines were merged go into a pack before it is known that
 * nothing is in conflict. What is not committed is cut off again (W1).
 */
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { checkLabels, checkName, checkWord } from "../model/check-options.js";
import { ConflictError } from "../model/conflict-error.js";
import { CoppiceError } from "../model/error.js";
import type { Durability } from "../model/options.js";
import { NO_ROOM_MADE } from "../model/room-made.js";
import { explainFailure } from "../model/system-failure.js";
import { changesBetween } from "../snapshot/diff.js";
import type { Engine } from "../snapshot/engine.js";
import { unlessCollected } from "../snapshot/require-stored.js";
import { roomFor } from "../snapshot/room-for.js";
import { Snapshot } from "../snapshot/snapshot.js";
import type { WrittenSnapshot } from "../snapshot/snapshot-writer.js";
import { SnapshotWriter } from "../snapshot/snapshot-writer.js";
import { turns } from "../threads/in-turns.js";
import { cachedObjects } from "../tree/object-cache.js";
import { FileBytes } from "./file-bytes.js";
import type { MergeConflict } from "./merge-conflict.js";
import { mergeConflict } from "./merge-conflict.js";
import type { MergeReport } from "./merge-report.js";
import { reportedRename } from "./merge-report.js";
import { mergeRoots } from "./merge-roots.js";
import type { MergeStrategy, OnConflict } from "./resolve-conflicts.js";

/** How snapshots are merged. */
export interface MergeOptions {
  /**
   * What becomes of conflicts that `onConflict` leaves: `fail` refuses them all and stores nothing; `ours` and `theirs` take that
   * side's version; `union` takes the lines of both for texts, the changed version where the other side removed it, and else that of ours.
   * @default "fail"
   */
  readonly strategy?: MergeStrategy;
  /** Decides on each conflict, in the order of their paths, before the strategy does. What it throws ends the merge. */
  readonly onConflict?: OnConflict;
  /** A name, 1 to 255 characters, which no other snapshot has. */
  readonly name?: string;
  /** Free words. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** How much of a crash the snapshot survives. @default "full" */
  readonly durability?: Durability;
  /** Only tell what would be done, conflicts included; nothing is stored. @default false */
  readonly plan?: boolean;
  /** Ends it; nothing is registered then. */
  readonly signal?: AbortSignal;
}

/** The snapshots of a merge. */
export interface MergedRows {
  /** @default the common ancestor of the others */
  readonly base: SnapshotRow | undefined;
  readonly ours: SnapshotRow;
  readonly theirs: SnapshotRow;
}

/** What a merge gives. */
export interface MergeResult {
  /** The new snapshot, whose parents are ours and theirs. */
  readonly snapshot: Snapshot;
  /** What was done. */
  readonly report: MergeReport;
}

/** What a plan of a merge gives. */
export interface MergePlan {
  /** There is none. */
  readonly snapshot: undefined;
  /** What would be done. */
  readonly report: MergeReport;
}

/** Merges snapshots; see `Store.merge`. */
export async function merge(
  engine: Engine,
  given: MergedRows,
  options: MergeOptions,
): Promise<MergeResult | MergePlan> {
  const { written, ...merged } = await unlessCollected(() => mergeOnce(engine, given, options));
  if (written === undefined || merged.snapshot === undefined) return merged;
  const room = await roomFor(engine, written, options.signal);
  return { ...merged, report: { ...merged.report, ...room } };
}

/** What was merged, and what was written for it. */
type Merged = (MergeResult | MergePlan) & { readonly written?: WrittenSnapshot };

async function mergeOnce(
  engine: Engine,
  given: MergedRows,
  options: MergeOptions,
): Promise<Merged> {
  checkName(options.name);
  checkLabels(options.labels);
  checkWord("durability", options.durability, ["full", "relaxed"]);
  checkWord("strategy", options.strategy, ["fail", "ours", "theirs", "union"]);
  const { signal } = options;
  const action = actionOf(given);
  let writer: SnapshotWriter | undefined;
  const open = () => (writer ??= new SnapshotWriter(engine, options.durability));
  try {
    signal?.throwIfAborted();
    return await mergeWith(engine, { ...given, base: baseOf(engine, given) }, options, open);
  } catch (error) {
    throw explainFailure(error, action, signal, "nothing was registered");
  } finally {
    writer?.close();
  }
}

async function mergeWith(
  engine: Engine,
  rows: Required<{ [key in keyof MergedRows]: SnapshotRow }>,
  options: MergeOptions,
  open: () => SnapshotWriter,
): Promise<Merged> {
  const startedMs = performance.now();
  const { base, ours, theirs } = rows;
  const isPlan = options.plan ?? false;
  const { strategy = "fail", onConflict, signal } = options;
  const inTurns = turns(() => signal?.throwIfAborted());
  const bytes = new FileBytes(isPlan ? undefined : open);
  const merged = await mergeRoots(
    cachedObjects(engine.objects),
    { base: base.digest, ours: ours.digest, theirs: theirs.digest },
    bytes,
    { strategy, onConflict, signal, turns: inTurns },
  );
  const conflicts = merged.open.map((each) => mergeConflict(engine.objects, each));
  if (conflicts.length > 0 && !isPlan) throw conflictError(rows, conflicts);
  const report: Omit<MergeReport, "durability" | "bytesNew" | "durationMs"> = {
    base: new Snapshot(base, engine),
    ours: new Snapshot(ours, engine),
    theirs: new Snapshot(theirs, engine),
    isFastForward: base.digest.equals(ours.digest),
    changes: await inTurns(changesBetween(merged.objects, ours.digest, merged.node.digest)),
    byLines: merged.byLines,
    renames: merged.renames.map(reportedRename),
    resolved: merged.resolved,
    conflicts,
    ...NO_ROOM_MADE,
  };
  const durationMs = () => performance.now() - startedMs;
  if (isPlan) {
    const { durability = "full" } = options;
    const plan = { ...report, durability, bytesNew: 0, durationMs: durationMs() };
    return { snapshot: undefined, report: plan };
  }
  const writer = open();
  bytes.flush();
  merged.store(writer);
  const written = writer.commit({
    root: merged.node,
    parent: ours.id,
    mergeParents: theirs.id === ours.id ? [] : [theirs.id],
    name: options.name,
    labels: options.labels ?? {},
    source: ours.source,
    filter: ours.filter,
    entryCount: merged.root.entry.entryCount,
    totalBytes: merged.root.entry.totalBytes,
  });
  return {
    written,
    snapshot: new Snapshot(written.row, engine),
    report: {
      ...report,
      durability: writer.durability,
      bytesNew: writer.chunks.bytesWritten,
      durationMs: durationMs(),
    },
  };
}

/** @throws {CoppiceError} NOT_FOUND */
function baseOf({ catalog }: Engine, rows: MergedRows): SnapshotRow {
  const { base, ours, theirs } = rows;
  const found = base ?? catalog.snapshots.commonAncestor(ours.id, theirs.id);
  if (found === undefined) {
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot ${actionOf(rows)}: they have no ancestor in common, say which snapshot both come from (base)`,
    );
  }
  return found;
}

/** What people call it. */
function actionOf({ ours, theirs }: MergedRows): string {
  return `merge ${theirs.name ?? theirs.id} into ${ours.name ?? ours.id}`;
}

function conflictError(
  rows: MergedRows,
  conflicts: readonly MergeConflict[],
): ConflictError<MergeConflict> {
  return new ConflictError(
    {
      action: actionOf(rows),
      what: "changed on both sides",
      remedy:
        "look at them in a plan (--plan), and say what becomes of each (onConflict) or of all (--strategy)",
    },
    conflicts,
  );
}
