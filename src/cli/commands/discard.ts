import { Command } from "commander";
import type { WorkspaceInfo } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { workspaceJson } from "../json/workspace-json.js";
import { escapeText } from "../output/escape-text.js";

interface DiscardOptions {
  readonly force?: boolean;
}

/** `coppice discard`: ends workspaces. */
export function discardCommand(): Command {
  return new Command("discard")
    .description("end workspaces; what changed since their last snapshots is lost, snapshots stay")
    .argument("<workspace...>", "ids, names or directories")
    .option("--force", "also where programs work in them")
    .action(action(discard));
}

async function discard(
  invocation: Invocation,
  keys: readonly string[],
  options: DiscardOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const discarded: WorkspaceInfo[] = [];
  try {
    for (const key of keys) {
      discarded.push(await store.discard(key, { force: options.force }));
    }
  } finally {
    if (output.isJson) await output.printJson({ discarded: discarded.map(workspaceJson) });
    else
      await output.print(
        ...discarded.map(
          ({ id, path }) => `Discarded ${output.style("yellow", id)}  ${escapeText(path)}`,
        ),
      );
  }
}
