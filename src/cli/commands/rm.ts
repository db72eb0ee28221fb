import { Command } from "commander";
import type { Snapshot } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { describeSnapshots } from "../output/describe-snapshots.js";
import { snapshotsOf } from "../snapshot-arguments.js";

interface RmOptions {
  readonly reparent?: boolean;
}

/** `coppice rm`: removes snapshots. */
export function rmCommand(): Command {
  return new Command("rm")
    .description("remove snapshots; what others share stays")
    .argument("<snapshot...>", "ids, digests, names or unique prefixes")
    .option(
      "--reparent",
      "hand the children of a removed snapshot to its own parent, instead of refusing",
    )
    .action(action(rm));
}

async function rm(
  invocation: Invocation,
  references: readonly string[],
  options: RmOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const named = new Set((await snapshotsOf(store, references)).map(({ id }) => id));
  // The newest come first, and so children before their parents, which could not be removed before them.
  const doomed = (await store.snapshots()).filter((each) => named.has(each.id));
  const removed: Snapshot[] = [];
  try {
    for (const snapshot of doomed) {
      await store.remove(snapshot, { reparent: options.reparent });
      removed.push(snapshot);
    }
  } finally {
    if (output.isJson) await output.printJson({ removed: removed.map(snapshotJson) });
    else await output.print(...describeSnapshots("Removed", removed, output.style));
  }
}
