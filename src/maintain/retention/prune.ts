/**
 * Prune: what a policy says goes, goes, and what only that needed is collected.
 */
import { CoppiceError } from "../../model/error.js";
import type { OnProgress } from "../../model/options.js";
import type { RetentionPolicy } from "../../model/retention-policy.js";
import { checkRetentionPolicy } from "../../model/retention-policy.js";
import { explainFailure } from "../../model/system-failure.js";
import type { Engine } from "../../snapshot/engine.js";
import { prepareToWrite } from "../../snapshot/prepare-to-write.js";
import { inTurns } from "../../threads/in-turns.js";
import { collect } from "../collect/collect.js";
import { overLimitText } from "./make-room.js";
import { overBudget } from "./over-budget.js";
import type { RetentionDecision } from "./plan-retention.js";
import { decision, planRetention } from "./plan-retention.js";
import type { PrunedSnapshot, PruneReport } from "./prune-report.js";
import { removeSnapshots } from "./remove-snapshots.js";
import { retentionState } from "./retention-state.js";
import { budgetEntries, shrinkTo } from "./shrink-to.js";

/** How a store is pruned. */
export interface PruneOptions {
  /** Whether only to tell what would go: nothing is changed. @default false */
  readonly dryRun?: boolean;
  /** The time that ages are told by. @default the system clock's */
  readonly now?: Date;
  /** Ends it; what went until then is gone. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `prune`, then as for a collection. */
  readonly onProgress?: OnProgress;
}

/** Prunes a store; see `Store.prune`. */
export async function prune(
  engine: Engine,
  given: RetentionPolicy | undefined,
  options: PruneOptions,
): Promise<PruneReport> {
  const startedMs = performance.now();
  const { signal, dryRun = false, now = new Date() } = options;
  const policy = given === undefined ? storedPolicy(engine) : checkRetentionPolicy(given);
  const action = `prune ${engine.directory}`;
  try {
    signal?.throwIfAborted();
    const decisions = planRetention(retentionState(engine.catalog), policy, now.getTime());
    const done = dryRun
      ? await survey(engine, policy, decisions, signal)
      : await carryOut(engine, policy, decisions, options);
    const snapshots = done.decisions.map(told);
    return {
      dryRun,
      policy,
      snapshots,
      pruned: snapshots.filter(({ stays }) => !stays).map(({ id }) => id),
      heldBytes: engine.catalog.retention.heldBytes,
      ...(done.overLimit !== undefined && { overLimit: done.overLimit }),
      ...(done.gc && { gc: done.gc }),
      durationMs: performance.now() - startedMs,
    };
  } catch (error) {
    throw explainFailure(
      error,
      action,
      signal,
      "what went until then is gone, prune again to go on",
    );
  }
}

type Outcome = Pick<PruneReport, "overLimit" | "gc"> & {
  readonly decisions: readonly RetentionDecision[];
};

function storedPolicy({ catalog }: Engine): RetentionPolicy {
  const { policy } = catalog.retention;
  if (policy !== undefined) return policy;
  throw new CoppiceError(
    "INVALID_ARGUMENT",
    "Cannot prune: the store has no retention policy, give one or set one first",
  );
}

/** Tells what would go. What the bytes say is as near as what packs give back can be told beforehand. */
async function survey(
  engine: Engine,
  { maxBytes }: RetentionPolicy,
  decisions: readonly RetentionDecision[],
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  if (maxBytes === undefined) return { decisions };
  const gone = idsOf(decisions);
  const entries = budgetEntries(engine, NOTHING).filter(({ id }) => !gone.has(id));
  const over = await inTurns(overBudget(engine, entries, maxBytes), () => signal?.throwIfAborted());
  return { decisions: withGone(decisions, new Set(over)) };
}

async function carryOut(
  engine: Engine,
  { maxBytes }: RetentionPolicy,
  decisions: readonly RetentionDecision[],
  { signal, onProgress }: PruneOptions,
): Promise<Outcome> {
  prepareToWrite(engine);
  // Children before their parents: these hand on fewer.
  const ids = [...idsOf(decisions)];
  const gone = await removeSnapshots(engine, ids, (done) => {
    signal?.throwIfAborted();
    onProgress?.({ phase: "prune", snapshots: done, total: ids.length });
  });
  const settled = asItCame(engine, decisions, new Set(gone));
  const long = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  if (maxBytes === undefined) return { decisions: settled, gc: await collect(engine, long) };
  const more = new Set<string>();
  const { gc, heldBytes } = await shrinkTo(engine, (bytes) => bytes <= maxBytes, maxBytes, {
    signal,
    onProgress,
    onPruned: (each) => {
      for (const id of each) more.add(id);
    },
  });
  return {
    decisions: withGone(settled, more),
    gc,
    ...(heldBytes > maxBytes && { overLimit: overLimitText(heldBytes, maxBytes) }),
  };
}

/** What was to go and is there was pinned or forked meanwhile; what is neither there nor removed here, somebody else removed. */
function asItCame(
  { catalog }: Engine,
  decisions: readonly RetentionDecision[],
  gone: ReadonlySet<string>,
): RetentionDecision[] {
  const { pinned } = retentionState(catalog);
  return decisions.map((each) => {
    if (each.stays || gone.has(each.row.id) || !catalog.snapshots.has(each.row.id)) return each;
    return decision(each.row, pinned.has(each.row.id) ? "pinned" : "workspace");
  });
}

function withGone(
  decisions: readonly RetentionDecision[],
  gone: ReadonlySet<string>,
): RetentionDecision[] {
  return decisions.map((each) => (gone.has(each.row.id) ? decision(each.row, "maxBytes") : each));
}

function idsOf(decisions: readonly RetentionDecision[]): Set<string> {
  return new Set(decisions.filter(({ stays }) => !stays).map(({ row }) => row.id));
}

const NOTHING: ReadonlySet<string> = new Set();

function told({ row, stays, reason }: RetentionDecision): PrunedSnapshot {
  const { id, name, source, createdMs } = row;
  const createdAt = new Date(createdMs);
  return { id, ...(name !== undefined && { name }), source, createdAt, stays, reason };
}
