import { isUtf8 } from "node:buffer";
import { Command } from "commander";
import { action, type Invocation } from "../invocation.js";
import { entryJson } from "../json/entry-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { escapedOption, wholeNumber } from "../options.js";
import { treePathArgument } from "../tree-path-argument.js";

interface CatOptions {
  readonly start: number;
  readonly end?: number;
  readonly escaped?: boolean;
}

/** `coppice cat`: writes a file's bytes. */
export function catCommand(): Command {
  return new Command("cat")
    .description("write a file of a snapshot to standard output, byte by byte")
    .argument("<snapshot>", "id, digest, name or unique prefix")
    .argument("<path>", "a file in it")
    .option("--start <offset>", "the first byte to write", wholeNumber(0), 0)
    .option("--end <offset>", "the byte after the last one", wholeNumber(0))
    .addOption(escapedOption())
    .action(action(cat));
}

async function cat(
  invocation: Invocation,
  reference: string,
  path: string,
  options: CatOptions,
): Promise<undefined> {
  const { output } = invocation;
  const treePath = treePathArgument(path, options.escaped);
  const snapshot = await (await invocation.openStore()).get(reference);
  const entry = await snapshot.stat(treePath);
  // A range that reaches beyond the end is cut there, as head and tail do.
  const end = Math.min(options.end ?? entry.sizeBytes, entry.sizeBytes);
  const range = { start: Math.min(options.start, end), end };
  if (output.isJson) {
    const bytes = await snapshot.readFile(treePath, range);
    const encoding = isUtf8(bytes) ? "utf8" : "base64";
    await output.printJson({
      snapshot: snapshotJson(snapshot),
      entry: entryJson(entry),
      ...range,
      encoding,
      content: bytes.toString(encoding),
    });
    return;
  }
  for await (const bytes of snapshot.createReadStream(treePath, range))
    await output.write(bytes as Buffer);
}
