/** Fills the parts of bench/README.md that are made from a report. */
import { readFileSync, writeFileSync } from "node:fs";
import { reportMarkdown } from "./markdown.mjs";

const README = new URL("../README.md", import.meta.url);

/**
 * Writes results and commands between their markers.
 * @param {import("./build-report.mjs").Report} report
 */
export function updateReadme(report) {
  let text = readFileSync(README, "utf8");
  text = replaceBetween(text, "results", reportMarkdown(report));
  text = replaceBetween(text, "commands", commandList(report));
  writeFileSync(README, text);
}

/**
 * @param {string} text
 * @param {string} marker
 * @param {string} content
 */
function replaceBetween(text, marker, content) {
  const start = `<!-- ${marker} -->`;
  const end = `<!-- /${marker} -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`Cannot update bench/README.md: the markers ${start} and ${end} are missing`);
  }
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** @param {import("./build-report.mjs").Report} report */
function commandList({ rivals }) {
  return rivals
    .map(({ name, summary, commands }) => {
      const lines = Object.entries(commands).flatMap(([verb, list]) =>
        list.length === 0 ? [] : [`# ${verb}`, ...list],
      );
      return [`**${name}**: ${summary}`, `\`\`\`sh\n${lines.join("\n")}\n\`\`\``].join("\n\n");
    })
    .join("\n\n");
}
