import type { RepairedSnapshot, RepairReport } from "../../index.js";
import { countOf } from "./count-of.js";
import { describeAffected } from "./describe-verify.js";
import { escapeText } from "./escape-text.js";
import type { Style } from "./style.js";

/** Returns the lines that tell what a repair did, or would do. */
export function describeRepair(report: RepairReport, style: Style): string[] {
  const { dryRun, rebuilt, degraded } = report;
  const would = dryRun ? "would be " : "";
  const counts = [
    [report.chunksAdded, "found in packs"],
    [report.chunksHealed, "found in directories"],
    [report.chunksRemoved, "forgotten, whose bytes are not there"],
    [report.missing.count, "missing still"],
  ] as const;
  return [
    ...(rebuilt ? [`The catalog ${dryRun ? "would be" : "was"} made anew from the packs`] : []),
    ...counts.flatMap(([count, what]) =>
      count === 0 ? [] : [`${countOf(count, "chunk")} ${would}${what}`],
    ),
    ...told("Came back", report.recovered, style),
    ...told("Lost its name to a newer one", report.unnamed, style),
    ...told("Lost", report.lost, style),
    ...degraded.flatMap((each) => describeAffected(each, style)),
    ...report.quarantined.map((path) => `${dryRun ? "To be put aside" : "Put aside"}: ${path}`),
    ...report.remarks.map((each) => style("yellow", `! ${escapeText(each)}`)),
    degraded.length === 0 && report.lost.length === 0
      ? `${style("green", "✔")} ${countOf(report.snapshots, "snapshot")}, none of which misses anything`
      : `${style("red", "✘")} ${countOf(report.snapshots, "snapshot")}, ${degraded.length} of which miss something`,
  ];
}

function told(what: string, snapshots: readonly RepairedSnapshot[], style: Style): string[] {
  return snapshots.map(({ id, name, source }) => {
    const named = name === undefined ? "" : ` ${escapeText(name)}`;
    return `${what}: ${style("yellow", id)}${named} of ${escapeText(source)}`;
  });
}
