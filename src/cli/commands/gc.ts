import { Command } from "commander";
import type { GcReport } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { countOf } from "../output/count-of.js";
import { formatBytes } from "../output/format-bytes.js";
import { formatDuration } from "../output/format-duration.js";
import type { Style } from "../output/style.js";

interface GcCommandOptions {
  readonly dryRun?: boolean;
}

/** `coppice gc`: frees what nothing needs any more. */
export function gcCommand(): Command {
  return new Command("gc")
    .description("free what no snapshot needs any more")
    .option("--dry-run", "only tell what would go")
    .action(action(gc));
}

async function gc(invocation: Invocation, { dryRun }: GcCommandOptions): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const report = await invocation.runLong((long) => store.gc({ ...long, dryRun }));
  if (output.isJson) {
    await output.printJson({ store: store.directory, report });
    return;
  }
  await output.print(...describe(report, output.style));
  for (const remark of report.remarks) output.remark(remark);
}

function describe(report: GcReport, style: Style): string[] {
  const { chunksRemoved, bytesRemoved, chunksKept, bytesKept, snapshots } = report;
  const gone = `${countOf(chunksRemoved, "chunk")} of ${formatBytes(bytesRemoved)}`;
  const kept = `${countOf(chunksKept, "chunk")} of ${formatBytes(bytesKept)} for ${countOf(snapshots, "snapshot")}`;
  if (report.dryRun) return [`Would remove ${style("bold", gone)}; ${kept} stay`];
  const packs = [
    { count: report.packsRemoved, what: "removed" },
    { count: report.packsCopied, what: "copied" },
    { count: report.packsPunched, what: "shrunk in place" },
  ].filter(({ count }) => count > 0);
  const layers =
    report.layersRemoved > 0 ? [`${countOf(report.layersRemoved, "image")} removed`] : [];
  const details = [
    ...packs.map(({ count, what }) => `${countOf(count, "pack")} ${what}`),
    ...layers,
    `in ${formatDuration(report.durationMs)}`,
  ];
  return [
    `${style("green", "✔")} ${style("bold", formatBytes(report.bytesFreed))} freed: ${gone} removed`,
    `  ${kept} stay`,
    style("dim", `  ${details.join(", ")}`),
  ];
}
