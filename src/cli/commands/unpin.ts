import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { describeSnapshots } from "../output/describe-snapshots.js";
import { snapshotsOf } from "../snapshot-arguments.js";

/** `coppice unpin`: lets pinned snapshots be removed again. */
export function unpinCommand(): Command {
  return new Command("unpin")
    .description("let pinned snapshots be removed again")
    .argument("<snapshot...>", "ids, digests, names or unique prefixes")
    .option("--dry-run", "tell which are pinned and change nothing")
    .action(action(unpin));
}

async function unpin(
  invocation: Invocation,
  references: readonly string[],
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const pinned = new Set((await store.pins()).map(({ snapshot }) => snapshot));
  const named = await snapshotsOf(store, references);
  const unpinned = named.filter(({ id }) => pinned.has(id));
  if (!dryRun) for (const snapshot of unpinned) await store.unpin(snapshot);
  if (output.isJson) await output.printJson({ dryRun, unpinned: unpinned.map(snapshotJson) });
  else {
    const done = dryRun ? "Would unpin" : "Unpinned";
    await output.print(...describeSnapshots(done, unpinned, output.style));
  }
}
