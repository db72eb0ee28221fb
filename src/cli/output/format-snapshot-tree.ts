/**
 * Format snapshot tree: drawn snapshots with their names, times and sizes, for people.
 */
import type { TreeRow } from "./draw-tree.js";
import { escapeText } from "./escape-text.js";
import { formatBytes } from "./format-bytes.js";
import { formatCount } from "./format-count.js";
import { formatTable } from "./format-table.js";
import { formatTime } from "./format-time.js";
import type { Style } from "./style.js";

/** Returns the lines; none where there are no snapshots. */
export function formatSnapshotTree(rows: readonly TreeRow[], style: Style): string[] {
  if (rows.length === 0) return [];
  const names = new Map(rows.map(({ snapshot: { id, name } }) => [id, name ?? id]));
  const head = ["SNAPSHOT", "CREATED", "ENTRIES", "SIZE", "NAME"].map((each) => style("dim", each));
  const lines = rows.map(({ snapshot, graph }) => {
    const others = snapshot.parents.slice(1).map((id) => escapeText(names.get(id) ?? id));
    const merged = others.length === 0 ? [] : [style("magenta", `merges ${others.join(", ")}`)];
    const labels = Object.entries(snapshot.labels).map(([key, value]) =>
      style("cyan", escapeText(`${key}=${value}`)),
    );
    const name =
      snapshot.name === undefined ? style("dim", "-") : style("bold", escapeText(snapshot.name));
    return [
      `${style("dim", graph.slice(0, -1))}${graph.slice(-1)} ${style("yellow", snapshot.id)}`,
      formatTime(BigInt(snapshot.createdAt.getTime()) * 1_000_000n),
      formatCount(snapshot.entryCount),
      formatBytes(snapshot.totalBytes),
      [name, ...merged, ...labels].join("  "),
    ];
  });
  return formatTable([head, ...lines], ["left", "left", "right", "right"]);
}
