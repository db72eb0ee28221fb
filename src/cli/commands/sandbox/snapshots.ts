import { Command } from "commander";
import type { SandboxSnapshot } from "../../../index.js";
import { allPages } from "../../all-pages.js";
import { action, type Invocation } from "../../invocation.js";
import { sandboxSnapshotJson } from "../../json/sandbox-json.js";
import { escapeText } from "../../output/escape-text.js";
import { formatBytes } from "../../output/format-bytes.js";
import { formatTable } from "../../output/format-table.js";
import { formatTime } from "../../output/format-time.js";
import { UsageError } from "../../usage-error.js";
import { useSandbox } from "./use-sandbox.js";

/** `coppice sandbox snapshot`: captures one. */
export function snapshotCommand(): Command {
  return new Command("snapshot")
    .description("capture the files and the config of a sandbox, running or paused")
    .argument("<sandbox>", "id or name")
    .option("-n, --name <name>", "a name, which no other snapshot has")
    .option("-q, --quiet", "print the id alone")
    .action(action(snapshot));
}

/** `coppice sandbox snapshots`: lists or deletes what was captured. */
export function snapshotsCommand(): Command {
  return new Command("snapshots")
    .description("list the snapshots of a sandbox, or of all, the oldest first")
    .argument("[sandbox]", "id or name")
    .option("--delete <snapshot>", "delete this one, by its id or name")
    .action(action(snapshots));
}

async function snapshot(
  invocation: Invocation,
  key: string,
  { name, quiet }: { readonly name?: string; readonly quiet?: boolean },
): Promise<undefined> {
  const { output } = invocation;
  const sandbox = await useSandbox(invocation, key);
  const taken = await sandbox.snapshot(name === undefined ? {} : { name });
  if (output.isJson) await output.printJson({ snapshot: sandboxSnapshotJson(taken) });
  else if (quiet === true) await output.print(taken.id);
  else
    await output.print(
      `${output.style("green", "✔")} ${output.style("yellow", taken.id)} ${escapeText(name ?? "")}`.trimEnd(),
      `  ${formatBytes(taken.sizeBytes)} of sandbox ${sandbox.id}`,
    );
}

async function snapshots(
  invocation: Invocation,
  key: string | undefined,
  options: { readonly delete?: string },
): Promise<undefined> {
  const { output } = invocation;
  if (options.delete !== undefined && key !== undefined)
    throw new UsageError("Cannot tell what to do: give --delete without a sandbox");
  const store = await invocation.openWholeStore();
  const { Sandbox } = await import("../../../sandbox/sandbox.js");
  if (options.delete !== undefined) {
    await Sandbox.deleteSnapshot(store, options.delete);
    if (output.isJson) await output.printJson({ deleted: options.delete });
    else await output.print(`${output.style("green", "✔")} ${escapeText(options.delete)} deleted`);
    return;
  }
  const sandbox = key === undefined ? undefined : await Sandbox.get(store, key);
  const found = await allPages<SandboxSnapshot>((query) =>
    sandbox === undefined ? Sandbox.listSnapshots(store, query) : sandbox.listSnapshots(query),
  );
  if (output.isJson) await output.printJson({ snapshots: found.map(sandboxSnapshotJson) });
  else if (found.length > 0) {
    const { style } = output;
    const head = ["ID", "CREATED", "STATUS", "SIZE", "SANDBOX", "NAME"].map((title) =>
      style("dim", title),
    );
    const rows = found.map((each) => [
      style("yellow", each.id),
      formatTime(BigInt(each.createdAt.getTime()) * 1_000_000n),
      each.status,
      formatBytes(each.sizeBytes),
      each.sandboxId,
      each.name === undefined ? style("dim", "-") : style("bold", escapeText(each.name)),
    ]);
    await output.print(...formatTable([head, ...rows], ["left", "left", "left", "right"]));
  }
}
