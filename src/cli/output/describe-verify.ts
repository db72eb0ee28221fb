import type { AffectedSnapshot, CountedList, DamagedChunk, VerifyReport } from "../../index.js";
import { countOf } from "./count-of.js";
import { reportedText } from "./escape-path.js";
import { escapeText } from "./escape-text.js";
import { formatBytes } from "./format-bytes.js";
import type { Style } from "./style.js";

/** So many of a list are shown; JSON has more. */
const SHOWN_MAX = 20;

/** Returns the lines that tell what a verification found. */
export function describeVerify(report: VerifyReport, style: Style): string[] {
  const { damaged, problems, affected } = report;
  const looked = [
    countOf(report.snapshots, "snapshot"),
    countOf(report.packs, "pack"),
    `${countOf(report.chunksChecked, "chunk")} of ${formatBytes(report.bytesChecked)} checked${report.deep ? " with SHA-256" : ""}`,
  ].join(", ");
  const remarks = report.remarks.map((each) => style("yellow", `! ${escapeText(each)}`));
  if (report.ok) return [`${style("green", "✔")} ${looked}: no damage`, ...remarks];
  return [
    `${style("red", "✘")} ${looked}`,
    ...shown(problems, ({ message }) => escapeText(message)),
    ...(damaged.count === 0 ? [] : [style("bold", countOf(damaged.count, "damaged chunk"))]),
    ...shown(damaged, describeChunk),
    ...affected.flatMap((each) => describeAffected(each, style)),
    ...remarks,
    ...(damaged.count === 0
      ? []
      : ["Run coppice repair, with --from a directory that still has the files"]),
  ];
}

/** Returns the lines that tell what of a snapshot cannot be relied on. */
export function describeAffected({ id, name, paths }: AffectedSnapshot, style: Style): string[] {
  const title = `${style("yellow", id)}${name === undefined ? "" : ` ${escapeText(name)}`}`;
  const list = { count: paths.count, first: paths.paths };
  return [
    `${title}: ${paths.count === 0 ? "its record" : countOf(paths.count, "path")}`,
    ...shown(list, (each) => {
      const path = each.path === "" ? "." : reportedText(each);
      return each.reason === undefined ? path : `${path}: ${each.reason}`;
    }),
  ];
}

function describeChunk({ digest, pack, offset, problem }: DamagedChunk): string {
  const place = pack === undefined ? "" : ` at ${offset} of pack ${pack}`;
  return `${digest}${place}: ${PROBLEMS[problem]}`;
}

function shown<T>({ count, first }: CountedList<T>, line: (each: T) => string): string[] {
  const lines = first.slice(0, SHOWN_MAX).map((each) => `  ${line(each)}`);
  return count > lines.length ? [...lines, `  and ${count - lines.length} more`] : lines;
}

const PROBLEMS: Readonly<Record<DamagedChunk["problem"], string>> = {
  checksum: "its bytes fail their checksum",
  digest: "its bytes are others than its digest says",
  short: "the pack ends before it",
  unreadable: "it cannot be read",
  place: "the catalog gives it an impossible place",
  missing: "the catalog does not list it",
  undecodable: "it makes no sense",
};
