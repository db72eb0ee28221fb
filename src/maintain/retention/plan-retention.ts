/**
 * Plan retention: which snapshots a policy keeps, which go, and why. Rows and a time go in, decisions come out; nothing else counts, and
 * the order of the rows does not either.
 *
 * What bounds the bytes is not planned here: what a snapshot costs depends on which others stay (see shrink-to).
 */
import type { RetentionRow } from "../../catalog/retention-table.js";
import type { RetentionPolicy } from "../../model/retention-policy.js";

/** Why a snapshot stays. */
export type StayReason =
  /** It is pinned. */
  | "pinned"
  /** It is the base or the head of a workspace. */
  | "workspace"
  /** `keepLast` keeps it. */
  | "keepLast"
  /** `keepWithin` keeps it. */
  | "keepWithin"
  /** Nothing else keeps it, but it is the newest of its directory, which stays. */
  | "newest"
  /** The policy says nothing of it. */
  | "unconcerned";

/** Why a snapshot goes. */
export type GoReason =
  /** It is older than `ttl`. */
  | "ttl"
  /** There are `maxPerName` newer ones in its series. */
  | "maxPerName"
  /** There are rules, and none of them keeps it. */
  | "unkept"
  /** With it the store would hold more than `maxBytes`. */
  | "maxBytes";

/** What becomes of a snapshot. */
export type RetentionDecision = { readonly row: RetentionRow } & (
  | { readonly stays: true; readonly reason: StayReason }
  | { readonly stays: false; readonly reason: GoReason }
);

/** What a plan is made from. */
export interface RetentionState {
  /** In any order. */
  readonly snapshots: readonly RetentionRow[];
  /** Ids of the snapshots that are pinned, and of the bases and heads of workspaces. */
  readonly pinned: ReadonlySet<string>;
  readonly workspaces: ReadonlySet<string>;
}

/**
 * Returns what becomes of each snapshot, the newest first.
 *
 * @param nowMs milliseconds since 1970
 */
export function planRetention(
  { snapshots, pinned, workspaces }: RetentionState,
  { keepLast, keepWithin, ttl, maxPerName }: RetentionPolicy,
  nowMs: number,
): RetentionDecision[] {
  const perSource = new Map<string, number>();
  const perSeries = new Map<string, number>();
  const hasRules = keepLast !== undefined || keepWithin !== undefined;
  const reasonOf = (row: RetentionRow): StayReason | GoReason => {
    const ageMs = nowMs - row.createdMs;
    const newerOfSource = countOne(perSource, row.source);
    const series = seriesOf(row);
    const newerOfSeries = series === undefined ? 0 : countOne(perSeries, series);
    if (pinned.has(row.id)) return "pinned";
    if (workspaces.has(row.id)) return "workspace";
    if (ttl !== undefined && ageMs > ttl) return "ttl";
    if (maxPerName !== undefined && newerOfSeries >= maxPerName) return "maxPerName";
    if (keepLast !== undefined && newerOfSource < keepLast) return "keepLast";
    if (keepWithin !== undefined && ageMs < keepWithin) return "keepWithin";
    if (!hasRules) return "unconcerned";
    return newerOfSource === 0 ? "newest" : "unkept";
  };
  return newestFirst(snapshots).map((row) => decision(row, reasonOf(row)));
}

/** Returns a decision for a reason. */
export function decision(row: RetentionRow, reason: StayReason | GoReason): RetentionDecision {
  return isGoReason(reason) ? { row, stays: false, reason } : { row, stays: true, reason };
}

/** Returns the ids of the snapshots that are the newest of their directory or of their series. */
export function newestOfTheirs(snapshots: readonly RetentionRow[]): Set<string> {
  const seen = new Set<string>();
  const newest = new Set<string>();
  for (const row of newestFirst(snapshots)) {
    const series = seriesOf(row);
    for (const key of [`d${row.source}`, ...(series === undefined ? [] : [`s${series}`])]) {
      if (!seen.has(key)) newest.add(row.id);
      seen.add(key);
    }
  }
  return newest;
}

/** Returns rows by the order in which they were made: clocks may go back. */
function newestFirst(rows: readonly RetentionRow[]): RetentionRow[] {
  return rows.toSorted((a, b) => b.sequence - a.sequence);
}

/** What is before the last `@` of a name; a name that has none is in no series. */
function seriesOf({ name }: RetentionRow): string | undefined {
  const at = name?.lastIndexOf("@") ?? -1;
  return at < 0 ? undefined : name?.slice(0, at);
}

/** Returns how many there were before this one. */
function countOne(counts: Map<string, number>, key: string): number {
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  return count;
}

const GO_REASONS: readonly string[] = [
  "ttl",
  "maxPerName",
  "unkept",
  "maxBytes",
] satisfies GoReason[];

function isGoReason(reason: StayReason | GoReason): reason is GoReason {
  return GO_REASONS.includes(reason);
}
