import { Command } from "commander";
import type { EntryInfo, Snapshot, TreePath } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { entryJson } from "../json/entry-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { collect, escapedOption } from "../options.js";
import { formatEntryCells, formatEntryPath } from "../output/format-entry.js";
import type { Alignment } from "../output/format-table.js";
import { formatTable } from "../output/format-table.js";
import { treePathArgument } from "../tree-path-argument.js";

interface LsOptions {
  readonly long?: boolean;
  readonly recursive?: boolean;
  readonly glob?: readonly string[];
  readonly escaped?: boolean;
}

/** So many lines are aligned with one another: a listing of any length starts at once and fits in memory. */
const TABLE_ROWS = 1_000;
const ALIGNMENTS: readonly Alignment[] = ["left", "right", "right", "right"];

/** `coppice ls`: lists what is in a snapshot. */
export function lsCommand(): Command {
  return new Command("ls")
    .description("list what is in a snapshot")
    .argument("<snapshot>", "id, digest, name or unique prefix")
    .argument("[path]", "a directory or file in it", "")
    .option(
      "-l, --long",
      "with kind, mode, owner, size (of directories: of all files below) and time",
    )
    .option("-R, --recursive", "with everything below, as paths")
    .option(
      "-g, --glob <pattern>",
      "only paths below that match; may be given several times, implies -R",
      collect,
    )
    .addOption(escapedOption())
    .action(action(ls));
}

async function ls(
  invocation: Invocation,
  reference: string,
  path: string,
  options: LsOptions,
): Promise<undefined> {
  const { output } = invocation;
  const treePath = treePathArgument(path, options.escaped);
  const snapshot = await (await invocation.openStore()).get(reference);
  const isRecursive = options.recursive === true || options.glob !== undefined;
  const entries = list(snapshot, treePath, isRecursive, options.glob);
  if (output.isJson) {
    await output.printJsonList(
      { snapshot: snapshotJson(snapshot) },
      "entries",
      map(entries, entryJson),
    );
    return;
  }
  /** Of a plain listing the name alone is shown. */
  const shownPath = ({ pathBytes }: EntryInfo): Buffer =>
    isRecursive ? pathBytes : pathBytes.subarray(pathBytes.lastIndexOf("/") + 1);
  let rows: string[][] = [];
  for await (const entry of entries) {
    const shown = shownPath(entry);
    rows.push(
      options.long === true
        ? formatEntryCells(entry, shown, output.style)
        : [formatEntryPath(entry, shown, output.style)],
    );
    if (rows.length < TABLE_ROWS) continue;
    await output.print(...formatTable(rows, ALIGNMENTS));
    rows = [];
  }
  await output.print(...formatTable(rows, ALIGNMENTS));
}

/** Yields what is in a directory or, where the path is something else, that alone. */
async function* list(
  snapshot: Snapshot,
  path: TreePath,
  isRecursive: boolean,
  glob: readonly string[] | undefined,
): AsyncGenerator<EntryInfo> {
  const entry = await snapshot.stat(path);
  if (entry.kind !== "directory") yield entry;
  else if (isRecursive) yield* snapshot.walk({ path, glob });
  else yield* await snapshot.readdir(path);
}

async function* map<T, U>(items: AsyncIterable<T>, convert: (item: T) => U): AsyncGenerator<U> {
  for await (const item of items) yield convert(item);
}
