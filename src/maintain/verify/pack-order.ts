/**
 * Pack order: which packs a verification looks at, and in what order: those first whose last check is the longest ago.
 */
import type { PackCheck } from "../../catalog/check-table.js";
import type { PackState } from "../../catalog/loss-table.js";

/** A pack to look at. */
export interface DuePack {
  readonly pack: PackState;
  /** When its last check began; 0 where it was never checked as it is now. */
  readonly checkedMs: number;
  /** What an interrupted check has done already. */
  readonly fromBytes: number;
  /** When the check began of which this is a part. */
  readonly begunMs: number;
}

/**
 * Returns the packs that are due, in their order.
 *
 * @param checks what is known of earlier checks
 * @param sinceMs packs that were checked since then are not due
 */
export function duePacks(
  packs: readonly PackState[],
  checks: ReadonlyMap<number, PackCheck>,
  { deep, sinceMs, nowMs }: { deep: boolean; sinceMs: number | undefined; nowMs: number },
): DuePack[] {
  const due: DuePack[] = [];
  for (const pack of packs) {
    const check = checks.get(pack.id);
    const checkedMs = check === undefined ? 0 : lastCheck(pack, check, deep);
    if (sinceMs !== undefined && checkedMs >= sinceMs && checkedMs > 0) continue;
    // To go on from a check that is too old itself would not make the pack one that was checked since.
    const goesOn =
      check !== undefined &&
      check.doneBytes > 0 &&
      check.doneBytes <= pack.lengthBytes &&
      (check.isDeep || !deep) &&
      check.begunMs >= (sinceMs ?? 0);
    due.push({
      pack,
      checkedMs,
      fromBytes: goesOn ? check.doneBytes : 0,
      begunMs: goesOn ? check.begunMs : nowMs,
    });
  }
  return due.sort((a, b) => a.checkedMs - b.checkedMs || b.fromBytes - a.fromBytes);
}

/** A check of a pack that has grown since counts for nothing. */
function lastCheck({ lengthBytes }: PackState, check: PackCheck, deep: boolean): number {
  const deepMs = check.deepBytes >= lengthBytes ? check.deepMs : 0;
  if (deep) return deepMs;
  return Math.max(deepMs, check.checkedBytes >= lengthBytes ? check.checkedMs : 0);
}
