import { existsSync, realpathSync } from "node:fs";
import { Command } from "commander";
import type { Durability, WorkspaceInfo } from "../../index.js";
import type { CommandStore } from "../../store/command-store.js";
import { action, type Invocation } from "../invocation.js";
import { captureReportJson } from "../json/report-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { collect, collectLabel, durabilityOption, workersOption } from "../options.js";
import {
  describeCapture,
  describeWorkspaceSnapshot,
  remarkOnCapture,
  remarkOnRoom,
} from "../output/describe-capture.js";
import { UsageError } from "../usage-error.js";
import { directoryOrWorkspace } from "../workspace-argument.js";

interface SnapshotCommandOptions {
  readonly name?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly parent?: string;
  readonly exclude?: readonly string[];
  readonly excludeSecrets?: boolean;
  readonly gitignore?: boolean;
  readonly skipUnreadable?: boolean;
  readonly durability: Durability;
  readonly workers?: number;
  readonly quiet?: boolean;
}

/** `coppice snapshot`: captures a directory. */
export function snapshotCommand(): Command {
  return new Command("snapshot")
    .description("capture a directory, or a workspace at the cost of what changed")
    .argument("[directory]", "what to capture; of a workspace also its id or name", ".")
    .option("-n, --name <name>", "a name for the snapshot, which no other has")
    .option("-l, --label <key=value>", "a label; may be given several times", collectLabel)
    .option("-p, --parent <snapshot>", "the snapshot that this one follows")
    .option(
      "-x, --exclude <pattern>",
      "leave out what matches, as in a gitignore file; may be given several times",
      collect,
    )
    .option("--exclude-secrets", "leave out well-known files with credentials, and tell them")
    .option("--gitignore", "leave out what the .gitignore files in the directory say")
    .option("--skip-unreadable", "leave out what cannot be read and tell it, instead of failing")
    .addOption(durabilityOption())
    .addOption(workersOption())
    .option("-q, --quiet", "print the id alone")
    .action(action(snapshot));
}

async function snapshot(
  invocation: Invocation,
  directory: string,
  options: SnapshotCommandOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const workspace = await directoryOrWorkspace(store, directory);
  if (workspace !== undefined) return snapshotWorkspace(invocation, store, workspace, options);
  const parent = options.parent === undefined ? undefined : (await store.get(options.parent)).id;
  const taken = await invocation.runLong(
    async (long) =>
      store.snapshot(directory, {
        ...long,
        name: options.name,
        labels: options.label,
        parent,
        exclude:
          options.excludeSecrets === true ? await withSecrets(options.exclude) : options.exclude,
        gitignore: options.gitignore,
        onUnreadable: options.skipUnreadable === true ? "skip" : "fail",
        durability: options.durability,
        workers: options.workers,
      }),
    output.progressStream === undefined ? undefined : await lastEntryCount(store, directory),
  );
  if (output.isJson) {
    await output.printJson({
      snapshot: snapshotJson(taken.snapshot),
      report: captureReportJson(taken.report),
    });
    return;
  }
  if (options.quiet === true) await output.print(taken.snapshot.id);
  else await output.print(...describeCapture(taken, output.style));
  for (const remark of remarkOnCapture(taken.report)) output.remark(remark);
}

/** A workspace is captured whole, and follows its last snapshot. */
async function snapshotWorkspace(
  { output }: Invocation,
  store: CommandStore,
  { id }: WorkspaceInfo,
  options: SnapshotCommandOptions,
): Promise<undefined> {
  const { name, label: labels, durability, parent, exclude, excludeSecrets, gitignore } = options;
  if ([parent, exclude, excludeSecrets, gitignore].some((each) => each !== undefined)) {
    throw new UsageError(
      "Cannot capture part of a workspace, nor after another snapshot than its last: leave out --parent, --exclude, --exclude-secrets and --gitignore",
    );
  }
  const workspace = await store.workspace(id);
  const taken = await workspace.snapshot({ name, labels, durability });
  const { snapshot, ...report } = taken;
  if (output.isJson) await output.printJson({ snapshot: snapshotJson(snapshot), report });
  else if (options.quiet === true) await output.print(snapshot.id);
  else await output.print(...describeWorkspaceSnapshot(taken, workspace.path, output.style));
  for (const remark of remarkOnRoom(taken)) output.remark(remark);
}

/** What is given comes last: it may take some of the others back. */
async function withSecrets(exclude: readonly string[] = []): Promise<readonly string[]> {
  const { secretPatterns } = await import("../../scan/secret-patterns.js");
  return [...secretPatterns, ...exclude];
}

/** What the directory had last time tells how far a scan is. */
async function lastEntryCount(store: CommandStore, directory: string): Promise<number | undefined> {
  if (!existsSync(directory)) return undefined;
  const [last] = await store.snapshots({ source: realpathSync(directory), limit: 1 });
  return last?.entryCount;
}
