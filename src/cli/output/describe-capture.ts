/**
 * Describe capture: the account of one capture for people.
 */
import type {
  CapturedState,
  CaptureReport,
  PathList,
  RoomMade,
  SnapshotResult,
} from "../../index.js";
import { countOf } from "./count-of.js";
import { reportedText } from "./escape-path.js";
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
  const excluded =
    report.excluded.count === 0 ? "" : `, ${countOf(report.excluded.count, "name")} excluded`;
  return [
    `${style("green", "✔")} ${style("yellow", snapshot.id)}${name}  ${escapeText(snapshot.source)}`,
    `  ${countOf(report.entries, "entry", "entries")}, ${formatBytes(report.totalBytes)}${excluded}, in ${formatDuration(report.durationMs)}${threads}${relaxed}`,
    `  ${formatBytes(report.bytesRead)} read, ${countOf(report.unchanged, "file")} unchanged, ${formatBytes(report.bytesNew)} new, ${formatBytes(report.bytesStored)} stored`,
    style("dim", `  ${snapshot.digest}`),
  ];
}

/** Returns the lines that tell what was captured of a workspace. */
export function describeWorkspaceSnapshot(
  { snapshot, isUnchanged, filesRead, bytesRead, bytesNew, durationMs }: CapturedState,
  path: string,
  style: Style,
): string[] {
  const name = snapshot.name === undefined ? "" : ` ${style("bold", escapeText(snapshot.name))}`;
  const done = isUnchanged
    ? "unchanged"
    : `${countOf(filesRead, "file")} read, ${formatBytes(bytesRead)}, ${formatBytes(bytesNew)} new`;
  return [
    `${style("green", "✔")} ${style("yellow", snapshot.id)}${name}  ${escapeText(path)}`,
    `  ${done}, in ${formatDuration(durationMs)}`,
    style("dim", `  ${snapshot.digest}`),
  ];
}

/** Returns what a person should know of what was left out. */
export function remarkOnCapture({
  excluded,
  unreadable,
  skipped,
  changed,
  limits,
  pruned,
  overLimit,
}: CaptureReport): string[] {
  return [
    ...remark(
      secretsIn(excluded),
      "name was left out since it may hold a secret",
      "names were left out since they may hold secrets",
    ),
    ...remark(unreadable, "path could not be read", "paths could not be read"),
    ...remark(
      skipped,
      "path is of a kind that is not kept",
      "paths are of a kind that is not kept",
    ),
    ...remark(changed, "path changed while it was read", "paths changed while they were read"),
    ...limits,
    ...remarkOnRoom({ pruned, overLimit }),
  ];
}

/** Those of the names that were left out which have a reason beside that somebody asked for it. */
function secretsIn({ paths }: PathList): PathList {
  const secrets = paths.filter(({ reason }) => reason !== undefined);
  return { count: secrets.length, paths: secrets };
}

function remark({ count, paths }: PathList, one: string, several: string): string[] {
  if (count === 0) return [];
  const shown = paths.slice(0, PATHS_MAX);
  const texts = shown.map((each) =>
    each.reason === undefined ? reportedText(each) : `${reportedText(each)} (${each.reason})`,
  );
  const rest = count > shown.length ? ` and ${count - shown.length} more` : "";
  return [`${countOf(count, one, several)}: ${texts.join(", ")}${rest}`];
}

/** Returns what a person should know of what went for a snapshot. */
export function remarkOnRoom({ pruned, overLimit }: RoomMade): string[] {
  const gone =
    pruned.length === 0
      ? []
      : [
          `${countOf(pruned.length, "snapshot")} removed to make room: ${pruned.slice(0, PATHS_MAX).join(", ")}${pruned.length > PATHS_MAX ? ", ..." : ""}`,
        ];
  return [...gone, ...(overLimit === undefined ? [] : [overLimit])];
}
