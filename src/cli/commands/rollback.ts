import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";
import { tellState } from "../output/tell-state.js";

interface RollbackOptions {
  readonly to?: string;
}

/** `coppice rollback`: brings a workspace back to a snapshot. */
export function rollbackCommand(): Command {
  return new Command("rollback")
    .description("bring a workspace back to its last snapshot; what changed since is lost")
    .argument("<workspace>", "id, name or directory")
    .option("-t, --to <snapshot>", "to this snapshot instead, any of the store")
    .action(action(rollback));
}

async function rollback(
  invocation: Invocation,
  key: string,
  options: RollbackOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const target = options.to === undefined ? undefined : await store.get(options.to);
  const workspace = await store.workspace(key, { ifDirty: "rollback" });
  if (target === undefined) await workspace.rollback();
  else await workspace.restore(target);
  await tellState(output, workspace);
}
