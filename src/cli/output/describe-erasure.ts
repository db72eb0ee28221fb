/**
 * Describe erasure: what went from which snapshots, and what of it still stands, for people.
 */
import type { EraseReport } from "../../index.js";
import { countOf } from "./count-of.js";
import { reportedText } from "./escape-path.js";
import { escapeText } from "./escape-text.js";
import { formatBytes } from "./format-bytes.js";
import type { Style } from "./style.js";

/** So many paths of each list are told; JSON has more of them. */
const PATHS_MAX = 10;

/** Returns the lines that tell what was erased. */
export function describeErasure(report: EraseReport, style: Style): string[] {
  const { snapshots, dryRun, notFound, bytesErased, bytesShared, standing } = report;
  const lines = snapshots.flatMap(({ id, name, paths }) => [
    `${style("yellow", id)}${name === undefined ? "" : ` ${style("bold", escapeText(name))}`}`,
    ...shown(paths.paths, paths.count).map((path) => `  ${style("red", "-")} ${path}`),
  ]);
  const done = dryRun ? "would be erased" : "erased";
  const proved = dryRun ? "" : `, ${countOf(report.packsProved, "pack")} read back`;
  return [
    ...lines,
    ...notFound.map((each) => `no snapshot has ${escapeText(each)}`),
    `${formatBytes(bytesErased)} ${done} from ${countOf(snapshots.length, "snapshot")}${proved}`,
    ...(bytesShared === 0
      ? []
      : [`${formatBytes(bytesShared)} of that content stay, since other files have them too`]),
    ...(standing.count === 0
      ? []
      : [
          `the same content still stands at ${countOf(standing.count, "other path")}:`,
          ...shown(standing.paths, standing.count).map((path) => `  ${path}`),
        ]),
  ];
}

function shown(paths: readonly Parameters<typeof reportedText>[0][], count: number): string[] {
  const texts = paths.slice(0, PATHS_MAX).map(reportedText);
  return count > texts.length ? [...texts, `and ${count - texts.length} more`] : texts;
}
