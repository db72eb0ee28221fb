import { Command } from "commander";
import type { Change } from "../../index.js";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { changeJson } from "../json/change-json.js";
import { printChanges } from "../output/print-changes.js";

interface ChangesOptions {
  readonly all?: boolean;
  readonly exitCode?: boolean;
}

/** `coppice changes`: tells what changed in a workspace since its last snapshot. */
export function changesCommand(): Command {
  return new Command("changes")
    .description("tell what changed in a workspace since its last snapshot; stores nothing")
    .argument("<workspace>", "id, name or directory")
    .option(
      "-a, --all",
      "also directories of which only the times changed, because of what changed in them",
    )
    .option("--exit-code", `exit with ${EXIT.different} when there are changes`)
    .action(action(changes));
}

async function changes(
  invocation: Invocation,
  key: string,
  options: ChangesOptions,
): Promise<number> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const workspace = await store.workspace(key);
  const found: Change[] = [];
  for await (const change of workspace.changes()) found.push(change);
  if (output.isJson) await output.printJson({ changes: found.map(changeJson) });
  else await printChanges(output, found, options.all === true);
  return options.exitCode === true && found.length > 0 ? EXIT.different : EXIT.ok;
}
