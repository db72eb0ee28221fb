/**
 * Describe capture: the account of one capture for people.
 */
import type { CaptureReport, PathList, SnapshotResult } from "../../index.js";
import { countOf } from "./count-of.js";
import { escapeText } from "./escape-text.js";
import { formatBytes } from "./format-bytes.js";
import { formatDuration } from "./format-duration.js";
import type { Style } from "./style.js";

/** So many paths of each list are told; JSON has more of them. */
const PATHS_MAX = 10;

/** Returns the lines that tell what was captured. */
export function describeCapture({ snapshot, report }: SnapshotResult, style: Style): string[] {
  const name = snapshot.name === undefined ? "" : ` ${style("bold", escapeText(snapshot.name))}`;
  const threads = report.workers === 0 ? "" : `, ${countOf(report.workers, "thread")}`;
  const relaxed = report.durability === "relaxed" ? ", not synced" : "";
  return [
    `${style("green", "✔")} ${style("yellow", snapshot.id)}${name}  ${escapeText(snapshot.source)}`,
    `  ${countOf(report.entries, "entry", "entries")}, ${formatBytes(report.totalBytes)}, in ${formatDuration(report.durationMs)}${threads}${relaxed}`,
    `  ${formatBytes(report.bytesRead)} read, ${countOf(report.unchanged, "file")} unchanged, ${formatBytes(report.bytesNew)} new, ${formatBytes(report.bytesStored)} stored`,
    style("dim", `  ${snapshot.digest}`),
  ];
}

/** Returns what a person should know of what was left out. */
export function remarkOnCapture(report: CaptureReport): string[] {
  return [
    ...remark(
      report.unreadable,
      "could not be read and was left out",
      "could not be read and were left out",
    ),
    ...remark(
      report.skipped,
      "is of a kind that snapshots do not keep",
      "are of a kind that snapshots do not keep",
    ),
    ...remark(report.changed, "changed while it was read", "changed while they were read"),
    ...(report.excluded.count === 0
      ? []
      : [`${countOf(report.excluded.count, "name was", "names were")} excluded`]),
    ...report.limits,
  ];
}

function remark(list: PathList, one: string, several: string): string[] {
  if (list.count === 0) return [];
  const shown = list.paths
    .slice(0, PATHS_MAX)
    .map(({ path, reason }) => (reason === undefined ? path : `${path} (${reason})`));
  const rest = list.count - shown.length;
  return [
    `${countOf(list.count, "path")} ${list.count === 1 ? one : several}: ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`,
  ];
}
