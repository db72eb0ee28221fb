/**
 * Describe change: a difference between two snapshots on one line.
 */
import type { Change, EntryInfo } from "../../index.js";
import { escapePath } from "./escape-path.js";
import { formatBytes } from "./format-bytes.js";
import { formatCount } from "./format-count.js";
import type { Style } from "./style.js";

/** Columns of the change in size: as wide as `+999 MB`, with room for three figures and a point. */
const SIZE_COLUMNS = 9;

const LOOKS = {
  added: { letter: "A", format: "green" },
  modified: { letter: "M", format: "yellow" },
  removed: { letter: "D", format: "red" },
  renamed: { letter: "R", format: "cyan" },
  "type-changed": { letter: "T", format: "magenta" },
} as const;

/** Returns letter, change in size, path and what changed. */
export function describeChange(change: Change, style: Style): string {
  const { letter, format } = LOOKS[change.change];
  const size = describeGrowth(growthBytes(change)).padStart(SIZE_COLUMNS);
  const notes = describeNotes(change);
  const note = notes === "" ? "" : `  ${style("dim", notes)}`;
  return `${style([format, "bold"], letter)}  ${style("dim", size)}  ${style(format, describePath(change))}${note}`;
}

/** Returns how many changes there are of each kind, and by how much the files grew. */
export function summarizeChanges(changes: readonly Change[], style: Style): string {
  const kinds = Object.entries(LOOKS).flatMap(([kind, { format }]) => {
    const count = changes.filter((each) => each.change === kind).length;
    return count === 0 ? [] : [style(format, `${formatCount(count)} ${kind.replace("-", " ")}`)];
  });
  const growth = changes.reduce((sum, each) => sum + growthBytes(each), 0);
  return growth === 0
    ? kinds.join(", ")
    : `${kinds.join(", ")}  ${style("dim", describeGrowth(growth))}`;
}

function describePath(change: Change): string {
  const entry = "after" in change ? change.after : change.before;
  const path = displayPath(entry);
  return change.change === "renamed" ? `${displayPath(change.before)} → ${path}` : path;
}

function displayPath({ pathBytes, kind }: EntryInfo): string {
  if (pathBytes.length === 0) return "./";
  return `${escapePath(pathBytes)}${kind === "directory" ? "/" : ""}`;
}

function describeNotes(change: Change): string {
  if (change.change === "type-changed") return `${change.before.kind} → ${change.after.kind}`;
  return "aspects" in change ? change.aspects.join(", ") : "";
}

/** Directories count nothing themselves: what is in them is told too, except where they moved as a whole. */
function growthBytes(change: Change): number {
  const before = "before" in change ? fileBytes(change.before) : 0;
  const after = "after" in change ? fileBytes(change.after) : 0;
  return after - before;
}

function fileBytes({ kind, sizeBytes }: EntryInfo): number {
  return kind === "file" ? sizeBytes : 0;
}

function describeGrowth(bytes: number): string {
  if (bytes === 0) return "";
  return bytes > 0 ? `+${formatBytes(bytes)}` : formatBytes(bytes);
}
