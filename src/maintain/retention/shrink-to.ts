/**
 * Shrink to: brings the packs of a store within a number of bytes.
 *
 *     collect -> does it fit? -> the oldest snapshots go -> collect -> does it fit? ...
 */
import type { OnProgress } from "../../model/options.js";
import type { Engine } from "../../snapshot/engine.js";
import { inTurns } from "../../threads/in-turns.js";
import { collect } from "../collect/collect.js";
import type { GcReport } from "../collect/gc-report.js";
import type { BudgetEntry } from "./over-budget.js";
import { overBudget } from "./over-budget.js";
import { newestOfTheirs } from "./plan-retention.js";
import { removeSnapshots } from "./remove-snapshots.js";
import { retentionState } from "./retention-state.js";

/** How a store is shrunk. */
export interface ShrinkOptions {
  /** Ids of snapshots that stay, beside what is pinned or stood on, and the newest of theirs. */
  readonly keep?: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told which snapshots went, the oldest first. */
  readonly onPruned: (ids: readonly string[]) => void;
}

/** What shrinking came to. */
export interface Shrunk {
  /** What the packs hold now. */
  readonly heldBytes: number;
  /** Of the last collection. */
  readonly gc: GcReport;
}

/**
 * What a plan takes for granted (that a dead chunk gives back what it took) comes true to some per cent: where it did not, the rest is done
 * again, so many times at most.
 */
const ROUNDS_MAX = 4;

/**
 * Collects what nothing needs, and where the packs still hold too much removes snapshots until they do not, or nothing may go any more.
 *
 * @param fits whether it fits as it is, and then nothing goes
 * @param targetBytes what is aimed at once something has to go
 * @throws {CoppiceError} STORE_BUSY where another session collects; as `collect`
 */
export async function shrinkTo(
  engine: Engine,
  fits: (heldBytes: number) => boolean,
  targetBytes: number,
  { keep = new Set(), signal, onProgress, onPruned }: ShrinkOptions,
): Promise<Shrunk> {
  const { catalog } = engine;
  const check = () => signal?.throwIfAborted();
  const options = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  let gc = await collect(engine, options);
  let heldBytes = catalog.retention.heldBytes;
  for (let round = 0; round < ROUNDS_MAX && !fits(heldBytes); round++) {
    const entries = budgetEntries(engine, keep);
    // Rows, padding and what lies in shared blocks grow with the chunks.
    const share = gc.bytesKept / Math.max(heldBytes, 1);
    const over = await inTurns(overBudget(engine, entries, Math.floor(targetBytes * share)), check);
    const oldest = entries.findLast(({ mayGo }) => mayGo)?.id;
    const ids = over.length > 0 || oldest === undefined ? over : [oldest];
    if (ids.length === 0) break;
    const gone = await removeSnapshots(engine, ids, check);
    onPruned(gone);
    if (gone.length === 0) break;
    gc = await collect(engine, options);
    heldBytes = catalog.retention.heldBytes;
  }
  return { heldBytes, gc };
}

/** Returns all snapshots as they are now, the newest first, and which of them may go for want of room. */
export function budgetEntries(
  { catalog }: Pick<Engine, "catalog">,
  keep: ReadonlySet<string>,
): BudgetEntry[] {
  const { snapshots, pinned, workspaces } = retentionState(catalog);
  const newest = newestOfTheirs(snapshots);
  const sets = [pinned, workspaces, newest, keep];
  return snapshots.map(({ id }) => ({ id, mayGo: !sets.some((set) => set.has(id)) }));
}
