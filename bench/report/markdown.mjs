/** Writes a report as Markdown: conditions, targets, and a table for each figure. */
import { reportFacts, seriesByCase } from "./facts.mjs";
import { formatRatio, formatValue } from "./format.mjs";

/** @typedef {import("./build-report.mjs").Report} Report */

/**
 * Returns the report as Markdown.
 * @param {Report} report
 */
export function reportMarkdown(report) {
  return [
    table(["condition", ""], reportFacts(report)),
    "### Targets",
    targetTable(report),
    ...report.workloads.flatMap((workload) => workloadSection(report, workload)),
    "### Rivals",
    rivalTable(report),
    ...messageList("Failures", report.failures),
    ...messageList("Not measured", report.skipped ?? []),
  ].join("\n\n");
}

/** @param {Report} report */
function targetTable({ targets, workloads }) {
  return table(
    ["workload", "figure", "target", "limit", "measured", "met"],
    targets.map((target) => {
      /** @param {number | undefined} value */
      const format = (value) =>
        value === undefined ? "–" : formatValue(value, target.unit, target.workload);
      return [
        workloads.find((workload) => workload.name === target.workload)?.title ?? target.workload,
        target.case,
        target.text,
        format(target.limit),
        format(target.measured),
        target.met === undefined ? "not measured" : target.met ? "yes" : "**no**",
      ];
    }),
  );
}

/**
 * @param {Report} report
 * @param {Report["workloads"][number]} workload
 */
function workloadSection(report, workload) {
  const sections = [`### ${workload.title}`, `${sentence(workload.summary)}.`];
  for (const [caseName, group] of seriesByCase(report, workload.name)) {
    const own = ownSeries(group);
    const hasMany = group.some((series) => series.p99 !== undefined);
    sections.push(
      table(
        [
          caseName,
          "median",
          ...(hasMany ? ["99 in 100 up to"] : []),
          "lowest",
          "highest",
          `relative to ${own?.rival ?? "coppice"}`,
        ],
        group.map((series) => [
          series.rival,
          ...[series.median, ...(hasMany ? [series.p99] : []), series.min, series.max].map(
            (value) => (value === undefined ? "–" : formatValue(value, series.unit, workload.name)),
          ),
          own === undefined || own.median <= 0 ? "–" : formatRatio(series.median / own.median),
        ]),
      ),
    );
  }
  return sections;
}

/**
 * Returns what the others are compared with: the command line, or the library where only that was measured.
 * @param {readonly import("./build-report.mjs").ReportSeries[]} group
 */
function ownSeries(group) {
  const find = (/** @type {string} */ name) => group.find(({ rival }) => rival === name);
  return find("coppice") ?? find("coppice-library");
}

/** @param {Report} report */
function rivalTable({ rivals }) {
  return table(
    ["rival", "version", "what it does", "durability"],
    rivals.map(({ name, version, install, summary, durability }) => [
      name,
      version ?? `absent: ${install}`,
      summary,
      durability,
    ]),
  );
}

/**
 * @param {string} title
 * @param {Report["failures"]} messages
 */
function messageList(title, messages) {
  if (messages.length === 0) return [];
  const items = messages.map(({ workload, rival, message }) => {
    const [firstLine] = message.split("\n");
    return `- ${workload}${rival === "" ? "" : `, ${rival}`}: ${firstLine}`;
  });
  return [`### ${title}`, items.join("\n")];
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`).join("\n");
}

/** @param {string} text */
function escapeCell(text) {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
