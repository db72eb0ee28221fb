import { resolve } from "node:path";
import { Command } from "commander";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { applyReportJson } from "../json/report-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { collect, workersOption } from "../options.js";
import { describeConflicts } from "../output/describe-conflicts.js";
import { describePlan, describeRestore, remarkOnRestore } from "../output/describe-restore.js";

interface ApplyCommandOptions {
  readonly plan?: boolean;
  readonly skipConflicts?: boolean;
  readonly undo?: boolean;
  readonly since?: string;
  readonly exclude?: readonly string[];
  readonly gitignore?: boolean;
  readonly workers?: number;
}

/** `coppice apply`: writes what changed in a workspace into an ordinary directory. */
export function applyCommand(): Command {
  return new Command("apply")
    .description("write what changed in a workspace into a directory, where that did not change")
    .argument("<workspace>", "id, name or directory")
    .argument("<directory>", "the one that the workspace comes from, say")
    .option("--plan", "tell what would be done, and what is in the way, and do nothing")
    .option("--skip-conflicts", "leave what the directory changed too as it is, and apply the rest")
    .option("--undo", "capture the directory first, so that all can be taken back")
    .option("--since <snapshot>", "only what changed since this state of the workspace")
    .option(
      "-x, --exclude <pattern>",
      "leave alone what matches, as in a gitignore file; may be given several times",
      collect,
    )
    .option("--gitignore", "leave alone what the .gitignore files in the directory say")
    .option("--no-gitignore", "heed no .gitignore files")
    .addOption(workersOption())
    .action(action(apply));
}

async function apply(
  invocation: Invocation,
  key: string,
  directory: string,
  options: ApplyCommandOptions,
): Promise<number> {
  const { output } = invocation;
  const { exclude, gitignore, undo, workers } = options;
  const isPlan = options.plan === true;
  const isSkipping = options.skipConflicts === true;
  const store = await invocation.openStore();
  const since = options.since === undefined ? undefined : await store.get(options.since);
  const workspace = await store.workspace(key);
  const report = await invocation.runLong((long) =>
    workspace.apply(directory, {
      ...long,
      plan: isPlan,
      onConflict: isSkipping ? "skip" : "fail",
      undo,
      since,
      exclude,
      gitignore,
      workers,
    }),
  );
  const { snapshot, base, conflicts } = report;
  if (output.isJson) {
    await output.printJson({
      snapshot: snapshotJson(snapshot),
      base: snapshotJson(base),
      directory: resolve(directory),
      plan: isPlan,
      undo: report.undo === undefined ? null : snapshotJson(report.undo),
      report: applyReportJson(report),
    });
  } else {
    const { style } = output;
    const target = resolve(directory);
    const lines = isPlan
      ? describePlan(report, style)
      : describeRestore(report, snapshot, target, style);
    await output.print(...lines, ...describeConflicts(conflicts, style, "left as they are"));
    for (const remark of remarkOnRestore(report)) output.remark(remark);
  }
  return isPlan && !isSkipping && conflicts.length > 0 ? EXIT.conflict : EXIT.ok;
}
