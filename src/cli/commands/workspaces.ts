import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";
import { workspaceJson } from "../json/workspace-json.js";
import { escapeText } from "../output/escape-text.js";
import { formatTable } from "../output/format-table.js";
import { formatTime } from "../output/format-time.js";

interface WorkspacesOptions {
  readonly quiet?: boolean;
}

/** `coppice workspaces`: lists workspaces. */
export function workspacesCommand(): Command {
  return new Command("workspaces")
    .description("list workspaces, the oldest first")
    .option("-q, --quiet", "print the directories alone")
    .action(action(workspaces));
}

async function workspaces(invocation: Invocation, options: WorkspacesOptions): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const found = await store.workspaces();
  if (output.isJson) await output.printJson({ workspaces: found.map(workspaceJson) });
  else if (options.quiet === true) await output.print(...found.map(({ path }) => path));
  else if (found.length > 0) {
    const { style } = output;
    const head = ["ID", "CREATED", "DRIVER", "BASE", "HEAD", "NAME", "DIRECTORY"].map((title) =>
      style("dim", title),
    );
    const rows = found.map((each) => [
      style("yellow", each.id),
      formatTime(BigInt(each.createdAt.getTime()) * 1_000_000n),
      each.isReadOnly ? `${each.driver}, read-only` : each.driver,
      each.base,
      each.head,
      each.name === undefined ? style("dim", "-") : style("bold", escapeText(each.name)),
      escapeText(each.path),
    ]);
    await output.print(...formatTable([head, ...rows], []));
  }
}
