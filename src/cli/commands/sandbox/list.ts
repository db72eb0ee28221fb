import { Command } from "commander";
import { allPages } from "../../all-pages.js";
import { action, type Invocation } from "../../invocation.js";
import { sandboxJson } from "../../json/sandbox-json.js";
import { escapeText } from "../../output/escape-text.js";
import { formatTable } from "../../output/format-table.js";
import { formatTime } from "../../output/format-time.js";

/** `coppice sandbox list`: lists those that live. */
export function listCommand(): Command {
  return new Command("list")
    .description("list sandboxes, the oldest first")
    .option("-q, --quiet", "print the ids alone")
    .action(action(list));
}

async function list(
  invocation: Invocation,
  { quiet }: { readonly quiet?: boolean },
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openWholeStore();
  const { Sandbox } = await import("../../../sandbox/sandbox.js");
  const found = await allPages((query) => Sandbox.list(store, query));
  const workspaces = await store.workspaces();
  const paths = new Map(workspaces.map(({ id, path }) => [id, path]));
  if (output.isJson)
    await output.printJson({
      sandboxes: found.map((each) => sandboxJson(each, paths.get(each.workspace))),
    });
  else if (quiet === true) await output.print(...found.map(({ id }) => id));
  else if (found.length > 0) {
    const { style } = output;
    const head = ["ID", "CREATED", "STATE", "BASE", "NAME", "DIRECTORY"].map((title) =>
      style("dim", title),
    );
    const rows = found.map((each) => [
      style("yellow", each.id),
      formatTime(BigInt(each.createdAt.getTime()) * 1_000_000n),
      each.state,
      each.base,
      each.name === undefined ? style("dim", "-") : style("bold", escapeText(each.name)),
      escapeText(paths.get(each.workspace) ?? "-"),
    ]);
    await output.print(...formatTable([head, ...rows]));
  }
}
