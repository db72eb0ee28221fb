import { resolve } from "node:path";
import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";
import { restoreReportJson } from "../json/report-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { escapedOption, workersOption } from "../options.js";
import { describePlan, describeRestore, remarkOnRestore } from "../output/describe-restore.js";
import { treePathArgument } from "../tree-path-argument.js";

interface RestoreCommandOptions {
  readonly plan?: boolean;
  readonly force?: boolean;
  readonly undo?: boolean;
  readonly workers?: number;
  readonly escaped?: boolean;
}

/** `coppice restore`: brings a directory to a snapshot. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description("bring a directory to a snapshot; what is equal already is not touched")
    .argument("<snapshot>", "id, digest, name or unique prefix")
    .argument("<directory>", "a new one, or one to change")
    .argument("[path...]", "only these paths of the snapshot, with everything below")
    .option("--plan", "tell what would be done and do nothing")
    .option("--force", "write into a directory whose content the store never captured or restored")
    .option("--undo", "capture the directory first, so that the restore can be taken back")
    .addOption(workersOption())
    .addOption(escapedOption())
    .action(action(restore));
}

async function restore(
  invocation: Invocation,
  reference: string,
  directory: string,
  paths: readonly string[],
  options: RestoreCommandOptions,
): Promise<undefined> {
  const { output } = invocation;
  const treePaths = paths.map((path) => treePathArgument(path, options.escaped));
  const store = await invocation.openStore();
  const snapshot = await store.get(reference);
  const isPlan = options.plan === true;
  const report = await invocation.runLong(
    (long) =>
      store.restore(snapshot, directory, {
        ...long,
        paths: treePaths.length === 0 ? undefined : treePaths,
        plan: isPlan,
        force: options.force,
        undo: options.undo,
        workers: options.workers,
      }),
    snapshot.entryCount,
  );
  if (output.isJson) {
    const { undo } = report;
    await output.printJson({
      snapshot: snapshotJson(snapshot),
      directory: resolve(directory),
      plan: isPlan,
      undo: undo === undefined ? null : snapshotJson(undo),
      report: restoreReportJson(report),
    });
    return;
  }
  await output.print(
    ...(isPlan
      ? describePlan(report, output.style)
      : describeRestore(report, snapshot, resolve(directory), output.style)),
  );
  for (const remark of remarkOnRestore(report)) output.remark(remark);
}
