/**
 * Describe restore: what a restore did, or would do, for people.
 */
import type { RestoreAction, RestoreChange, RestoreReport, Snapshot } from "../../index.js";
import { countOf } from "./count-of.js";
import { reportedText } from "./escape-path.js";
import { escapeText } from "./escape-text.js";
import { formatBytes } from "./format-bytes.js";
import { formatCount } from "./format-count.js";
import { formatDuration } from "./format-duration.js";
import { formatTable } from "./format-table.js";
import type { Style } from "./style.js";

/** So many paths are told in a remark; JSON has more of them. */
const PATHS_MAX = 10;

const LOOKS = {
  create: { sign: "+", format: "green", count: (n) => `${formatCount(n)} created` },
  link: { sign: "+", format: "green", count: (n) => `${formatCount(n)} linked` },
  mkdir: {
    sign: "+",
    format: "green",
    count: (n) => `${countOf(n, "directory", "directories")} made`,
  },
  replace: { sign: "~", format: "yellow", count: (n) => `${formatCount(n)} replaced` },
  remove: { sign: "-", format: "red", count: (n) => `${formatCount(n)} removed` },
  update: { sign: "·", format: "cyan", count: (n) => `attributes of ${countOf(n, "file")} set` },
  attributes: {
    sign: "·",
    format: "cyan",
    count: (n) => `attributes of ${countOf(n, "directory", "directories")} set`,
  },
} as const satisfies Record<
  RestoreAction,
  { count: (count: number) => string; sign: string; format: string }
>;

/** Returns the lines that tell what a restore would do. */
export function describePlan(report: RestoreReport, style: Style): string[] {
  if (report.changes.length === 0)
    return [`${style("green", "✔")} nothing to do: the directory is in that state`];
  const rows = report.changes.map((change) => {
    const { sign, format } = LOOKS[change.action];
    return [
      style([format, "bold"], sign),
      style("dim", change.action),
      style(format, changePath(change)) + aspects(change, style),
    ];
  });
  return [...formatTable(rows), "", summarize(report)];
}

/** Returns the lines that tell what a restore did. */
export function describeRestore(
  report: RestoreReport,
  snapshot: Snapshot,
  target: string,
  style: Style,
): string[] {
  const name = snapshot.name === undefined ? "" : ` ${style("bold", escapeText(snapshot.name))}`;
  const lines = [
    `${style("green", "✔")} ${style("yellow", snapshot.id)}${name} → ${escapeText(target)}`,
    `  ${summarize(report)}`,
    `  ${formatBytes(report.bytesWritten)} written, in ${formatDuration(report.durationMs)}`,
  ];
  if (report.undo === undefined) return lines;
  return [...lines, `  what stood there before is ${style("yellow", report.undo.id)}`];
}

/** Returns what a person should know of what was not restored. */
export function remarkOnRestore({ kept, limits }: RestoreReport): string[] {
  if (kept.length === 0) return [...limits];
  const shown = kept.slice(0, PATHS_MAX).map(reportedText).join(", ");
  const rest = kept.length > PATHS_MAX ? ` and ${kept.length - PATHS_MAX} more` : "";
  return [
    `${countOf(kept.length, "directory", "directories")} had to stay, since something is in them that the snapshot leaves alone: ${shown}${rest}`,
    ...limits,
  ];
}

function summarize({ actions }: RestoreReport): string {
  const parts = Object.entries(LOOKS).flatMap(([action, { count }]) => {
    const times = actions[action as RestoreAction];
    return times === 0 ? [] : [count(times)];
  });
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

function changePath(change: RestoreChange): string {
  if (change.path === "") return "./";
  return `${reportedText(change)}${change.kind === "directory" ? "/" : ""}`;
}

function aspects({ aspects }: RestoreChange, style: Style): string {
  return aspects === undefined ? "" : `  ${style("dim", aspects.join(", "))}`;
}
