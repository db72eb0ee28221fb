import { Command } from "commander";
import type { Sandbox } from "../../../index.js";
import { action, type Invocation } from "../../invocation.js";
import { sandboxJson } from "../../json/sandbox-json.js";
import { useSandbox } from "./use-sandbox.js";

/** `coppice sandbox pause`: stops all that was started in one. */
export function pauseCommand(): Command {
  return new Command("pause")
    .description("stop all programs of a sandbox, until it is resumed")
    .argument("<sandbox>", "id or name")
    .action(action((invocation, key: string) => change(invocation, key, (each) => each.pause())));
}

/** `coppice sandbox resume`: has it go on. */
export function resumeCommand(): Command {
  return new Command("resume")
    .description("have the programs of a sandbox go on that pause stopped")
    .argument("<sandbox>", "id or name")
    .action(action((invocation, key: string) => change(invocation, key, (each) => each.resume())));
}

/** `coppice sandbox delete`: ends them. */
export function deleteCommand(): Command {
  return new Command("delete")
    .description("end sandboxes with all their programs; their snapshots stay")
    .argument("<sandbox...>", "ids or names")
    .action(action(remove));
}

async function change(
  invocation: Invocation,
  key: string,
  work: (sandbox: Sandbox) => Promise<void>,
): Promise<undefined> {
  const { output } = invocation;
  const sandbox = await useSandbox(invocation, key);
  await work(sandbox);
  if (output.isJson) await output.printJson({ sandbox: sandboxJson(sandbox.info, sandbox.path) });
  else await output.print(`${output.style("green", "✔")} ${sandbox.id} ${sandbox.state}`);
}

async function remove(invocation: Invocation, keys: readonly string[]): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openWholeStore();
  const { Sandbox } = await import("../../../sandbox/sandbox.js");
  const deleted: string[] = [];
  try {
    for (const key of keys) {
      await Sandbox.delete(store, key);
      deleted.push(key);
    }
  } finally {
    if (output.isJson) await output.printJson({ deleted });
    else
      await output.print(...deleted.map((key) => `${output.style("green", "✔")} ${key} deleted`));
  }
}
