import { Command } from "commander";
import type { Workspace, WorkspaceInfo } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { workspaceJson } from "../json/workspace-json.js";
import { wholeNumber } from "../options.js";
import { escapeText } from "../output/escape-text.js";

interface ForkCommandOptions {
  readonly name?: string;
  readonly count?: number;
  readonly quiet?: boolean;
}

/** `coppice fork`: makes writable directories from a snapshot. */
export function forkCommand(): Command {
  return new Command("fork")
    .description("make a writable copy-on-write directory from a snapshot")
    .argument("<snapshot>", "id, digest, name or unique prefix")
    .argument("[directory]", "where; missing or empty, outside the store (default: in the store)")
    .option("-n, --name <name>", "a name for the workspace, which no other has")
    .option("-c, --count <count>", "so many workspaces, in the store", wholeNumber(1, 10_000))
    .option("-q, --quiet", "print the directories alone")
    .action(action(fork));
}

async function fork(
  invocation: Invocation,
  reference: string,
  directory: string | undefined,
  options: ForkCommandOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const snapshot = await store.get(reference);
  const made: Workspace[] = [];
  const { count = 1, name } = options;
  for (let index = 0; index < count; index++) {
    const dir = directory === undefined || count === 1 ? directory : `${directory}-${index + 1}`;
    const own = name === undefined || count === 1 ? name : `${name}-${index + 1}`;
    made.push(
      await invocation.runLong(({ signal }) => store.fork(snapshot, { dir, name: own, signal })),
    );
  }
  const ids = new Set(made.map(({ id }) => id));
  const workspaces = (await store.workspaces()).filter(({ id }) => ids.has(id));
  if (output.isJson) await output.printJson({ workspaces: workspaces.map(workspaceJson) });
  else if (options.quiet === true) await output.print(...workspaces.map(({ path }) => path));
  else await output.print(...workspaces.map((each) => describe(each, output.style)));
}

function describe({ id, name, path }: WorkspaceInfo, style: Invocation["output"]["style"]): string {
  const named = name === undefined ? "" : ` ${style("bold", escapeText(name))}`;
  return `${style("green", "✔")} ${style("yellow", id)}${named}  ${escapeText(path)}`;
}
