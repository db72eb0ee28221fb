import { Command } from "commander";
import type { CommandStore } from "../../store/command-store.js";
import { action, type Invocation } from "../invocation.js";
import { escapeText } from "../output/escape-text.js";

/** `coppice init`: makes a store. */
export function initCommand(): Command {
  return new Command("init")
    .description("make a store; one that is there already stays as it is")
    .argument("[directory]", "a new or empty directory, instead of --store")
    .action(action(init));
}

async function init(invocation: Invocation, argument: string | undefined): Promise<undefined> {
  const { output } = invocation;
  const directory = argument ?? invocation.requireStoreDirectory();
  const standing = await openStanding(invocation, directory);
  const store = standing ?? (await invocation.openStore({ create: true, directory }));
  const created = standing === undefined;
  if (output.isJson) {
    await output.printJson({ store: store.directory, created });
    return;
  }
  const what = created ? "Made a store in" : "There is a store already in";
  await output.print(`${what} ${output.style("bold", escapeText(store.directory))}`);
}

async function openStanding(
  invocation: Invocation,
  directory: string,
): Promise<CommandStore | undefined> {
  try {
    return await invocation.openStore({ create: false, directory });
  } catch (error) {
    if ((error as { code?: unknown }).code === "NOT_A_STORE") return undefined;
    throw error;
  }
}
