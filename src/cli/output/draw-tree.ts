/**
 * Draw tree: which snapshot comes from which, with box characters.
 *
 * A snapshot stands below its first parent. An only child stands in the same column, so that a long line of snapshots does not
 * wander to the right; of several each begins a branch:
 *
 *     ● first
 *     ● second
 *     ├─● attempt 1
 *     │ ◆ merge of both
 *     └─● attempt 2
 */
import type { Snapshot } from "../../index.js";

/** A snapshot with what stands before it. */
export interface TreeRow {
  readonly snapshot: Snapshot;
  readonly graph: string;
  /** Ids of those that have it among their parents, oldest first. */
  readonly children: readonly string[];
}

/** What is to be drawn. */
interface Pending {
  readonly snapshot: Snapshot;
  /** Before the lines of its branch, and before its own first one. */
  readonly margin: string;
  readonly first: string;
}

/** Returns a row for each snapshot, in the order in which they stand below each other. */
export function drawTree(snapshots: readonly Snapshot[]): TreeRow[] {
  const below = new Map<string, Snapshot[]>(snapshots.map(({ id }) => [id, []]));
  const children = new Map<string, string[]>(snapshots.map(({ id }) => [id, []]));
  const roots: Snapshot[] = [];
  for (const each of snapshots) {
    for (const parent of each.parents) children.get(parent)?.push(each.id);
    const { parent } = each;
    const line = parent === undefined ? roots : (below.get(parent) ?? roots);
    line.push(each);
  }
  const rows: TreeRow[] = [];
  // No recursion: a line may have any length.
  const pending: Pending[] = roots
    .map((snapshot) => ({ snapshot, margin: "", first: "" }))
    .reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { snapshot, margin, first } = next;
    const mark = snapshot.parents.length > 1 ? "◆" : "●";
    rows.push({ snapshot, graph: `${first}${mark}`, children: children.get(snapshot.id) ?? [] });
    const branches = below.get(snapshot.id) ?? [];
    const last = branches.length - 1;
    const drawn = branches.map((each, index) => {
      if (last === 0) return { snapshot: each, margin, first: margin };
      const [turn, line] = index === last ? ["└─", "  "] : ["├─", "│ "];
      return { snapshot: each, margin: `${margin}${line}`, first: `${margin}${turn}` };
    });
    pending.push(...drawn.reverse());
  }
  return rows;
}
