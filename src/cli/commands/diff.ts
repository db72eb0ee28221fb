import { Command } from "commander";
import type { Change } from "../../index.js";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { changeJson } from "../json/change-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { printChanges } from "../output/print-changes.js";

interface DiffOptions {
  readonly all?: boolean;
  readonly exitCode?: boolean;
}

/** `coppice diff`: tells what changed from one snapshot to another. */
export function diffCommand(): Command {
  return new Command("diff")
    .description("tell what changed from one snapshot to another")
    .argument("<before>", "id, digest, name or unique prefix")
    .argument("<after>", "id, digest, name or unique prefix")
    .option(
      "-a, --all",
      "also directories of which only the times changed, because of what changed in them",
    )
    .option("--exit-code", `exit with ${EXIT.different} when there are differences`)
    .action(action(diff));
}

async function diff(
  invocation: Invocation,
  before: string,
  after: string,
  options: DiffOptions,
): Promise<number> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const a = await store.get(before);
  const b = await store.get(after);
  const changes: Change[] = [];
  for await (const change of store.diff(a, b)) changes.push(change);
  if (output.isJson) {
    await output.printJson({
      before: snapshotJson(a),
      after: snapshotJson(b),
      changes: changes.map(changeJson),
    });
  } else {
    await printChanges(output, changes, options.all === true);
  }
  return options.exitCode === true && changes.length > 0 ? EXIT.different : EXIT.ok;
}
