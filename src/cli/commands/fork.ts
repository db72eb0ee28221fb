import { Command } from "commander";
import type { DriverName, Workspace } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { workspaceJson } from "../json/workspace-json.js";
import { driverOption, wholeNumber } from "../options.js";
import { describeWorkspace, remarkOnDriver } from "../output/describe-workspace.js";

interface ForkCommandOptions {
  readonly name?: string;
  readonly count?: number;
  readonly driver?: DriverName;
  readonly quiet?: boolean;
}

/** `coppice fork`: makes writable directories from a snapshot. */
export function forkCommand(): Command {
  return new Command("fork")
    .description("make a writable copy-on-write directory from a snapshot")
    .argument("<snapshot>", "id, digest, name or unique prefix")
    .argument("[directory]", "where; missing or empty, outside the store (default: in the store)")
    .option("-n, --name <name>", "a name for the workspace, which no other has")
    .option(
      "-c, --count <count>",
      "so many; names and directories end in -1, -2, ...",
      wholeNumber(1, 10_000),
    )
    .addOption(driverOption())
    .option("-q, --quiet", "print the directories alone")
    .action(action(fork));
}

async function fork(
  invocation: Invocation,
  reference: string,
  dir: string | undefined,
  { count, quiet, ...named }: ForkCommandOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const snapshot = await store.get(reference);
  const options = { ...named, dir };
  const made = await invocation.runLong<readonly PromiseSettledResult<Workspace>[]>(
    async ({ signal }) => {
      if (count !== undefined) return store.fork(snapshot, { ...options, signal, count });
      return [{ status: "fulfilled", value: await store.fork(snapshot, { ...options, signal }) }];
    },
  );
  const ids = new Set(made.map((each) => each.status === "fulfilled" && each.value.id));
  const workspaces = (await store.workspaces()).filter(({ id }) => ids.has(id));
  if (output.isJson) await output.printJson({ workspaces: workspaces.map(workspaceJson) });
  else if (quiet === true) await output.print(...workspaces.map(({ path }) => path));
  else await output.print(...workspaces.map((each) => describeWorkspace(each, output.style)));
  const [first] = workspaces;
  if (first !== undefined) for (const remark of remarkOnDriver(first)) output.remark(remark);
  // Those that could be made are there, and were told.
  for (const each of made) if (each.status === "rejected") throw each.reason;
}
