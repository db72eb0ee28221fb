/** Writes a report as one HTML page that needs nothing else. */
import { barChart, CHART_WIDTHS, escapeXml } from "./chart.mjs";
import { reportFacts, seriesByCase } from "./facts.mjs";
import { formatValue } from "./format.mjs";
import { pageStyle } from "./page-style.mjs";

/** @typedef {import("./build-report.mjs").Report} Report */

/**
 * Returns the page.
 * @param {Report} report
 */
export function reportPage(report) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Coppice benchmarks</title>
<style>${pageStyle}</style>
<main>
<h1>Coppice benchmarks</h1>
<p class="lead">Directory snapshots side by side: the same work in the same run, taking turns.
Bars are medians, dots single runs, dashed lines targets. Shorter is better.</p>
${targetSection(report)}
${report.workloads.map((workload) => workloadSection(report, workload)).join("\n")}
<h2>Conditions</h2>
<p class="summary">figures of another machine or another run are not comparable with these</p>
<div class="card"><dl class="facts">${reportFacts(report)
    .map(([term, text]) => `<dt>${escapeXml(term)}</dt><dd>${escapeXml(text)}</dd>`)
    .join("\n")}</dl></div>
${rivalSection(report)}
</main>
</html>
`;
}

/** @param {Report} report */
function targetSection({ targets, workloads }) {
  if (targets.length === 0) return "";
  const judged = targets.filter((target) => target.met !== undefined);
  const met = judged.filter((target) => target.met);
  const rows = targets.map((target) => {
    const title = workloads.find((workload) => workload.name === target.workload)?.title;
    const figure = target.case === "time" ? "" : `, ${target.case}`;
    /** @param {number | undefined} value */
    const cell = (value) =>
      `<td class="number">${value === undefined ? "–" : formatValue(value, target.unit, target.workload)}</td>`;
    const [state, mark] =
      target.met === undefined
        ? ["open", "not measured"]
        : target.met
          ? ["met", "✓ met"]
          : ["missed", "✗ missed"];
    return (
      `<tr><td>${escapeXml(`${title}${figure}`)}</td><td>${escapeXml(target.text)}</td>` +
      `${cell(target.limit)}${cell(target.measured)}<td class="mark ${state}">${mark}</td></tr>`
    );
  });
  return `<p class="count"><b>${met.length} of ${judged.length}</b> targets met${
    judged.length < targets.length ? `, ${targets.length - judged.length} not measured` : ""
  }</p>
<div class="card"><table>
<tr><th>Workload</th><th>Target</th><th class="number">Limit</th><th class="number">Measured</th><th></th></tr>
${rows.join("\n")}
</table></div>`;
}

/**
 * @param {Report} report
 * @param {Report["workloads"][number]} workload
 */
function workloadSection(report, { name, title, summary }) {
  const groups = [...seriesByCase(report, name)];
  const isPaired = groups.length > 2;
  const width = isPaired ? CHART_WIDTHS.half : CHART_WIDTHS.full;
  const cards = groups.map(([caseName, group]) => {
    const limits = report.targets.flatMap(({ workload, case: figure, limit, text, met }) =>
      workload === name && figure === caseName && limit !== undefined
        ? [{ value: limit, label: text, met }]
        : [],
    );
    const chart = barChart(group, limits, `${title}, ${caseName}`, width);
    const heading = groups.length === 1 ? "" : `<h3>${escapeXml(caseName)}</h3>`;
    return `<div class="card">${heading}${chart}</div>`;
  });
  const body = isPaired ? `<div class="pair">${cards.join("\n")}</div>` : cards.join("\n");
  return `<h2>${escapeXml(title)}</h2>\n<p class="summary">${escapeXml(summary.replaceAll("`", ""))}</p>\n${body}`;
}

/** @param {Report} report */
function rivalSection({ rivals }) {
  const rows = rivals.map(
    ({ name, version, install, summary, durability }) =>
      `<tr><td><b>${escapeXml(name)}</b></td><td>${escapeXml(version ?? `absent: ${install}`)}</td>` +
      `<td>${escapeXml(summary.replaceAll("`", ""))}</td><td>${escapeXml(durability)}</td></tr>`,
  );
  const commands = rivals.map(({ name, commands: byVerb }) => {
    const lines = Object.entries(byVerb).flatMap(([verb, list]) =>
      list.length === 0 ? [] : [`# ${verb}`, ...list],
    );
    return `<details><summary>${escapeXml(name)}</summary><pre><code>${escapeXml(lines.join("\n"))}</code></pre></details>`;
  });
  return `<h2>Rivals</h2>
<p class="summary">what each one does, what it has synced when it returns, and its commands</p>
<div class="card"><table>
<tr><th>Rival</th><th>Version</th><th>What it does</th><th>Durability</th></tr>
${rows.join("\n")}
</table>${commands.join("\n")}</div>`;
}
