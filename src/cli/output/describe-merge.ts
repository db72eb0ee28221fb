/**
 * Describe merge: the account of a merge, for people.
 */
import type { MergeReport, ReportedPath, Snapshot } from "../../index.js";
import { countOf } from "./count-of.js";
import { summarizeChanges } from "./describe-change.js";
import { reportedText } from "./escape-path.js";
import { escapeText } from "./escape-text.js";
import { formatDuration } from "./format-duration.js";
import { formatTable } from "./format-table.js";
import type { Style } from "./style.js";

/** Returns the lines that tell what was merged. */
export function describeMerge(snapshot: Snapshot, report: MergeReport, style: Style): string[] {
  const { ours, theirs, changes, durationMs, isFastForward, durability } = report;
  const name = snapshot.name === undefined ? "" : ` ${style("bold", escapeText(snapshot.name))}`;
  const [into, merged] = [ours, theirs].map((each) => escapeText(each.name ?? each.id));
  const done = changes.length === 0 ? "nothing new" : summarizeChanges(changes, style);
  const how = isFastForward ? ", as theirs is" : "";
  const relaxed = durability === "relaxed" ? ", not synced" : "";
  return [
    `${style("green", "✔")} ${style("yellow", snapshot.id)}${name}  ${merged} merged into ${into}`,
    `  ${done}${how}, in ${formatDuration(durationMs)}${relaxed}`,
    style("dim", `  ${snapshot.digest}`),
    ...describeMerging(report, style),
  ];
}

/** Returns the lines that tell what was put together of both sides; none where nothing was. */
export function describeMerging(
  { byLines, renames, resolved }: MergeReport,
  style: Style,
): string[] {
  const path = (each: ReportedPath) => (each.path === "" ? "./" : reportedText(each));
  const dim = (text: string) => style("dim", text);
  const rows = [
    ...byLines.map((each) => ["=", path(each), dim("merged by lines")]),
    ...renames.map((each) => [
      "R",
      `${path(each.from)} → ${path(each)}`,
      dim(`renamed by ${each.side}, with the changes of the other side`),
    ]),
    ...resolved.map((each) => [
      style("yellow", "!"),
      path(each),
      dim(`${each.kind}: ${RESOLUTIONS[each.resolution]}`),
    ]),
  ];
  const count =
    resolved.length === 0 ? [] : ["", `${countOf(resolved.length, "conflict")} settled`];
  return rows.length === 0 ? [] : ["", ...formatTable(rows), ...count];
}

const RESOLUTIONS = {
  base: "as it was",
  ours: "ours",
  theirs: "theirs",
  union: "both",
  content: "as given",
} as const;
