import { isUtf8 } from "node:buffer";
import { resolve } from "node:path";
import { Command } from "commander";
import { action, type Invocation } from "../../invocation.js";
import { sandboxEntryJson } from "../../json/sandbox-json.js";
import { escapeText } from "../../output/escape-text.js";
import { useSandbox } from "./use-sandbox.js";

/** `coppice sandbox files`: the files of a sandbox from outside. */
export function filesCommand(): Command {
  const group = new Command("files").description("list, read and write the files of a sandbox");
  group
    .command("ls")
    .description("list a directory; names of directories end in a slash")
    .argument("<sandbox>", "id or name")
    .argument("[path]", "in the sandbox", "/")
    .option("-R, --recursive", "with everything below")
    .action(action(ls));
  group
    .command("cat")
    .description("write a file to standard output, byte by byte")
    .argument("<sandbox>", "id or name")
    .argument("<path>", "in the sandbox")
    .action(action(cat));
  group
    .command("put")
    .description("copy a file of this machine into a sandbox; - is standard input")
    .argument("<sandbox>", "id or name")
    .argument("<file>", "on this machine")
    .argument("<path>", "in the sandbox")
    .action(action(put));
  group
    .command("get")
    .description("copy a file of a sandbox to this machine")
    .argument("<sandbox>", "id or name")
    .argument("<path>", "in the sandbox")
    .argument("<file>", "on this machine")
    .action(action(get));
  group
    .command("rm")
    .description("remove a file, or a directory with everything in it")
    .argument("<sandbox>", "id or name")
    .argument("<path...>", "in the sandbox")
    .action(action(rm));
  return group;
}

async function ls(
  invocation: Invocation,
  key: string,
  path: string,
  { recursive = false }: { readonly recursive?: boolean },
): Promise<undefined> {
  const { output } = invocation;
  const { files } = await useSandbox(invocation, key);
  const found = await files.list(path, { recursive });
  if (output.isJson) await output.printJson({ entries: found.map(sandboxEntryJson) });
  else
    for (const entry of found) {
      const shown = escapeText(recursive ? entry.path : entry.name);
      await output.print(
        entry.kind === "directory" ? `${output.style(["blue", "bold"], shown)}/` : shown,
      );
    }
}

async function cat(invocation: Invocation, key: string, path: string): Promise<undefined> {
  const { output } = invocation;
  const { files } = await useSandbox(invocation, key);
  if (output.isJson) {
    const bytes = await files.read(path);
    const encoding = isUtf8(bytes) ? "utf8" : "base64";
    await output.printJson({ path, encoding, content: bytes.toString(encoding) });
  } else
    for await (const bytes of await files.readStream(path)) await output.write(bytes as Buffer);
}

async function put(
  invocation: Invocation,
  key: string,
  file: string,
  path: string,
): Promise<undefined> {
  const { files } = await useSandbox(invocation, key);
  if (file === "-") await files.write(path, process.stdin);
  else await files.upload(resolve(file), path);
  await tell(invocation, { written: path });
}

async function get(
  invocation: Invocation,
  key: string,
  path: string,
  file: string,
): Promise<undefined> {
  const { files } = await useSandbox(invocation, key);
  await files.download(path, resolve(file));
  await tell(invocation, { file: resolve(file) });
}

async function rm(
  invocation: Invocation,
  key: string,
  paths: readonly string[],
): Promise<undefined> {
  const { files } = await useSandbox(invocation, key);
  for (const path of paths) await files.remove(path);
  await tell(invocation, { removed: paths });
}

async function tell({ output }: Invocation, done: object): Promise<void> {
  if (output.isJson) await output.printJson(done);
}
