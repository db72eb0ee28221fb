import { Command } from "commander";
import type { Snapshot } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { describeSnapshots } from "../output/describe-snapshots.js";
import { snapshotsOf } from "../snapshot-arguments.js";

/** `coppice unpin`: lets pinned snapshots be removed again. */
export function unpinCommand(): Command {
  return new Command("unpin")
    .description("let pinned snapshots be removed again")
    .argument("<snapshot...>", "ids, digests, names or unique prefixes")
    .action(action(unpin));
}

async function unpin(invocation: Invocation, references: readonly string[]): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const unpinned: Snapshot[] = [];
  for (const snapshot of await snapshotsOf(store, references))
    if (await store.unpin(snapshot)) unpinned.push(snapshot);
  if (output.isJson) await output.printJson({ unpinned: unpinned.map(snapshotJson) });
  else await output.print(...describeSnapshots("Unpinned", unpinned, output.style));
}
