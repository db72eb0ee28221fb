import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { drawTree } from "../output/draw-tree.js";
import { formatSnapshotTree } from "../output/format-snapshot-tree.js";

/** `coppice tree`: draws which snapshot comes from which. */
export function treeCommand(): Command {
  return new Command("tree")
    .description("draw which snapshot comes from which, the oldest first")
    .action(action(tree));
}

async function tree(invocation: Invocation): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const rows = drawTree((await store.snapshots()).reverse());
  if (output.isJson) {
    await output.printJson({
      snapshots: rows.map(({ snapshot, children }) => ({ ...snapshotJson(snapshot), children })),
    });
  } else await output.print(...formatSnapshotTree(rows, output.style));
}
