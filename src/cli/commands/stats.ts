import { Command } from "commander";
import type { StoreStats } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { countOf } from "../output/count-of.js";
import { escapeText } from "../output/escape-text.js";
import { formatBar } from "../output/format-bar.js";
import { formatBytes } from "../output/format-bytes.js";
import { formatCount } from "../output/format-count.js";
import { formatTable } from "../output/format-table.js";
import type { Style } from "../output/style.js";

const BAR_COLUMNS = 30;

/** What is stored under each kind, for people. */
const KINDS: Readonly<Record<keyof StoreStats["byKind"], string>> = {
  data: "file content",
  list: "chunk lists",
  tree: "directories",
  root: "roots",
  record: "records",
};

/** `coppice stats`: tells what the store holds and what it costs. */
export function statsCommand(): Command {
  return new Command("stats")
    .description("tell what the store holds and what it costs")
    .action(action(stats));
}

async function stats(invocation: Invocation): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const found = await store.stats();
  if (output.isJson) await output.printJson({ store: store.directory, ...found });
  else
    await output.print(
      output.style("bold", escapeText(store.directory)),
      ...describe(found, output.style),
    );
}

function describe(found: StoreStats, style: Style): string[] {
  const { logicalBytes, uniqueBytes, storedBytes, diskBytes } = found;
  const widest = Math.max(logicalBytes, storedBytes, diskBytes, 1);
  const size = (title: string, bytes: number, note: string): string[] => [
    title,
    formatBytes(bytes),
    style("cyan", formatBar(bytes / widest, BAR_COLUMNS)),
    style("dim", note),
  ];
  // A store of next to nothing costs more than it holds: a ratio would say nothing then.
  const ratio =
    logicalBytes > diskBytes
      ? `, dedup ratio ${style("green", (logicalBytes / diskBytes).toFixed(2))}`
      : "";
  return [
    [
      countOf(found.snapshots, "snapshot"),
      countOf(found.chunks, "chunk"),
      countOf(found.packs, "pack"),
    ].join(", ") + ratio,
    "",
    ...formatTable(
      [
        size("logical", logicalBytes, "as copies"),
        size("unique", uniqueBytes, "file content, each once"),
        size("stored", storedBytes, "with lists, directories, records"),
        size("on disk", diskBytes, "packs, catalog, caches"),
      ],
      ["left", "right"],
    ),
    "",
    ...formatTable(
      Object.entries(found.byKind).map(([kind, { count, bytes }]) => [
        KINDS[kind as keyof typeof KINDS],
        formatCount(count),
        formatBytes(bytes),
        style("cyan", formatBar(bytes / Math.max(storedBytes, 1), BAR_COLUMNS)),
      ]),
      ["left", "right", "right"],
    ),
  ];
}
