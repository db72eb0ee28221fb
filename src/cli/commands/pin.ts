import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { describeSnapshots } from "../output/describe-snapshots.js";
import { snapshotsOf } from "../snapshot-arguments.js";

interface PinOptions {
  readonly note?: string;
  readonly dryRun?: boolean;
}

/** `coppice pin`: keeps snapshots whatever happens. */
export function pinCommand(): Command {
  return new Command("pin")
    .description("keep snapshots: neither rm nor prune removes them until they are unpinned")
    .argument("<snapshot...>", "ids, digests, names or unique prefixes")
    .option("-n, --note <text>", "why, for people")
    .option("--dry-run", "tell which they are and change nothing")
    .action(action(pin));
}

async function pin(
  invocation: Invocation,
  references: readonly string[],
  { note, dryRun = false }: PinOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const snapshots = await snapshotsOf(store, references);
  if (!dryRun)
    for (const snapshot of snapshots) await store.pin(snapshot, note === undefined ? {} : { note });
  if (output.isJson) await output.printJson({ dryRun, pinned: snapshots.map(snapshotJson) });
  else
    await output.print(
      ...describeSnapshots(dryRun ? "Would pin" : "Pinned", snapshots, output.style),
    );
}
