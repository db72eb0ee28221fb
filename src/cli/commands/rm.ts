import { Command } from "commander";
import type { Snapshot } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { escapeText } from "../output/escape-text.js";

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
  const named = new Set<string>();
  // All are looked up before the first is removed: a slip of the pen removes nothing.
  for (const reference of references) named.add((await store.get(reference)).id);
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
    else
      await output.print(
        ...removed.map((each) => `Removed ${output.style("yellow", each.id)}${nameOf(each)}`),
      );
  }
}

function nameOf({ name }: Snapshot): string {
  return name === undefined ? "" : ` ${escapeText(name)}`;
}
