import { resolve } from "node:path";
import { Command } from "commander";
import type { Snapshot } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { restoreReportJson } from "../json/report-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { escapedOption, workersOption } from "../options.js";
import { describePlan, describeRestore, remarkOnRestore } from "../output/describe-restore.js";
import { tellState } from "../output/tell-state.js";
import { treePathArgument } from "../tree-path-argument.js";
import { directoryOrWorkspace } from "../workspace-argument.js";

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
    .argument("<directory>", "a new one, one to change, or a workspace (id, name or directory)")
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
  const workspace = await directoryOrWorkspace(store, directory);
  if (workspace !== undefined && treePaths.length === 0 && !isPlan && options.undo !== true)
    return restoreWorkspace(invocation, workspace.id, snapshot);
  const report = await invocation.runLong(
    (long) =>
      store.restore(snapshot, workspace?.path ?? directory, {
        ...long,
        paths: treePaths.length === 0 ? undefined : treePaths,
        plan: isPlan,
        // What is in a workspace is the store's.
        force: options.force === true || workspace !== undefined,
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

/** Brings a whole workspace to a snapshot, in its driver's way. */
async function restoreWorkspace(
  invocation: Invocation,
  id: string,
  snapshot: Snapshot,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const workspace = await store.workspace(id, { ifDirty: "rollback" });
  await workspace.restore(snapshot);
  await tellState(output, workspace);
}
