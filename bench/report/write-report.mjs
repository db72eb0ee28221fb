/** Writes a report as JSON, Markdown and page. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { reportMarkdown } from "./markdown.mjs";
import { reportPage } from "./page.mjs";
import { updateReadme } from "./update-readme.mjs";

const LATEST = fileURLToPath(new URL("../results/latest.json", import.meta.url));

/**
 * Writes the three files and returns their path without extension.
 * @param {import("./build-report.mjs").Report} report
 * @param {string} directory
 */
export function writeReport(report, directory) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, report.date.replaceAll(":", "-").slice(0, 19));
  writeFileSync(`${path}.json`, reportJson(report));
  writeFileSync(`${path}.md`, `# Coppice benchmarks\n\n${reportMarkdown(report)}\n`);
  writeFileSync(`${path}.html`, reportPage(report));
  return path;
}

/**
 * Makes a report the one that the repository shows: bench/results/latest.json and bench/README.md.
 * @param {import("./build-report.mjs").Report} report
 */
export function publishReport(report) {
  mkdirSync(fileURLToPath(new URL("../results/", import.meta.url)), { recursive: true });
  writeFileSync(LATEST, reportJson(report));
  updateReadme(report);
}

/**
 * Returns the report as JSON, each list of numbers on one line.
 * @param {import("./build-report.mjs").Report} report
 */
function reportJson(report) {
  const text = JSON.stringify(report, undefined, 2);
  const isNumberList = /\[\s+-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*\s+\]/g;
  return `${text.replace(isNumberList, (list) => list.replace(/\s+/g, " "))}\n`;
}
