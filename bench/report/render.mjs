/**
 * Writes Markdown and page again from the JSON of an earlier run, or of several that measured different workloads:
 * `node bench/report/render.mjs [REPORT.json...] [--directory DIRECTORY] [--update-readme]`
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchDirectory } from "../data/data-set.mjs";
import { combineReports } from "./combine-reports.mjs";
import { publishReport, writeReport } from "./write-report.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    directory: { type: "string", default: join(benchDirectory(), "results") },
    "update-readme": { type: "boolean", default: false },
  },
});

const latest = fileURLToPath(new URL("../results/latest.json", import.meta.url));
const [source = latest, ...more] = positionals;
const read = (/** @type {string} */ path) => JSON.parse(readFileSync(path, "utf8"));
const report = combineReports([read(source), ...more.map(read)]);
const path = writeReport(report, values.directory);
if (values["update-readme"]) publishReport(report);
console.log(`${path}.{json,md,html}`);
