import { Command } from "commander";
import { CoppiceError } from "../../model/error.js";
import { action, type Invocation } from "../invocation.js";
import { workspaceJson } from "../json/workspace-json.js";
import { escapeText } from "../output/escape-text.js";
import { workspaceArgument } from "../workspace-argument.js";

interface UmountOptions {
  readonly force?: boolean;
}

/** `coppice umount`: takes away what `coppice mount` has made. */
export function umountCommand(): Command {
  return new Command("umount")
    .description("end what coppice mount shows")
    .argument("<directory>", "the directory, or the id or name")
    .option("-f, --force", "also where programs use it: they keep what they have open")
    .action(action(umount));
}

async function umount(
  invocation: Invocation,
  key: string,
  { force }: UmountOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const found = await workspaceArgument(store, key);
  if (found?.isReadOnly === false) {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot unmount ${found.path}: it is a workspace, and what was changed in it would be lost; discard it`,
      { path: found.path },
    );
  }
  const ended = await store.discard(found?.id ?? key, { force: force === true });
  if (output.isJson) await output.printJson({ workspace: workspaceJson(ended) });
  else await output.print(`${output.style("green", "✔")} ${escapeText(ended.path)} is unmounted`);
}
