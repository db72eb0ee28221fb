import { Command } from "commander";
import type { DriverName } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { workspaceJson } from "../json/workspace-json.js";
import { driverOption } from "../options.js";
import { describeWorkspace } from "../output/describe-workspace.js";

interface MountOptions {
  readonly name?: string;
  readonly driver?: DriverName;
}

/** `coppice mount`: shows a snapshot in a directory that nobody can write to. */
export function mountCommand(): Command {
  return new Command("mount")
    .description("show a snapshot in a directory that nobody can write to")
    .argument("<snapshot>", "id, digest, name or unique prefix")
    .argument("<directory>", "where; missing or empty, outside the store")
    .option("-n, --name <name>", "a name for it, which no other has")
    .addOption(driverOption())
    .action(action(mount));
}

async function mount(
  invocation: Invocation,
  reference: string,
  directory: string,
  options: MountOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const snapshot = await store.get(reference);
  const { id } = await invocation.runLong(({ signal }) =>
    store.mount(snapshot, directory, { ...options, signal }),
  );
  const made = (await store.workspaces()).filter((each) => each.id === id);
  if (output.isJson) await output.printJson({ workspaces: made.map(workspaceJson) });
  else await output.print(...made.map((each) => describeWorkspace(each, output.style)));
}
