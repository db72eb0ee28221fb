import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import type { Pin, Snapshot } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { pinJson } from "../json/pin-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { collectLabel, wholeNumber } from "../options.js";
import { escapeText } from "../output/escape-text.js";
import { formatBytes } from "../output/format-bytes.js";
import { formatCount } from "../output/format-count.js";
import { formatTable } from "../output/format-table.js";
import { formatTime } from "../output/format-time.js";
import type { Style } from "../output/style.js";

interface LogOptions {
  readonly name?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly source?: string;
  readonly parent?: string;
  readonly digest?: string;
  readonly limit?: number;
  readonly quiet?: boolean;
}

/** `coppice log`: lists snapshots. */
export function logCommand(): Command {
  return new Command("log")
    .description("list snapshots, the newest first")
    .option("-n, --name <glob>", "only those whose name matches")
    .option(
      "-l, --label <key=value>",
      "only those with this label; may be given several times",
      collectLabel,
    )
    .option("-s, --source <directory>", "only those of this directory")
    .option("-p, --parent <snapshot>", "only those that follow this one")
    .option("-d, --digest <digest>", "only those with this digest or state digest")
    .option("-m, --limit <count>", "at most so many", wholeNumber(1))
    .option("-q, --quiet", "print the ids alone")
    .action(action(log));
}

async function log(invocation: Invocation, options: LogOptions): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const snapshots = await store.snapshots({
    name: options.name,
    labels: options.label,
    source: options.source === undefined ? undefined : sourcePath(options.source),
    parent: options.parent === undefined ? undefined : (await store.get(options.parent)).id,
    digest: options.digest,
    limit: options.limit,
  });
  const pins = new Map((await store.pins()).map((pin) => [pin.snapshot, pin]));
  const degraded = new Set(store.degraded.map(({ id }) => id));
  if (output.isJson)
    await output.printJson({
      snapshots: snapshots.map((each) => ({
        ...snapshotJson(each),
        ...pinJson(pins.get(each.id)),
      })),
      degraded: snapshots.map(({ id }) => id).filter((id) => degraded.has(id)),
    });
  else if (options.quiet === true) await output.print(...snapshots.map((each) => each.id));
  else await output.print(...formatSnapshots(snapshots, pins, degraded, output.style));
}

/** The source may be gone by now; what it is called is remembered without symbolic links. */
function sourcePath(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return resolve(directory);
  }
}

function formatSnapshots(
  snapshots: readonly Snapshot[],
  pins: ReadonlyMap<string, Pin>,
  degraded: ReadonlySet<string>,
  style: Style,
): string[] {
  if (snapshots.length === 0) return [];
  const head = ["ID", "CREATED", "ENTRIES", "SIZE", "NAME", "SOURCE"].map((title) =>
    style("dim", title),
  );
  const rows = snapshots.map((each) => [
    style("yellow", each.id),
    formatTime(BigInt(each.createdAt.getTime()) * 1_000_000n),
    formatCount(each.entryCount),
    formatBytes(each.totalBytes),
    each.name === undefined ? style("dim", "-") : style("bold", escapeText(each.name)),
    [
      escapeText(each.source),
      ...formatLabels(each.labels, style),
      ...formatPin(pins.get(each.id), style),
      ...(degraded.has(each.id) ? [style("red", "degraded")] : []),
    ].join("  "),
  ]);
  return formatTable([head, ...rows], ["left", "left", "right", "right"]);
}

function formatLabels(labels: Readonly<Record<string, string>>, style: Style): string[] {
  return Object.entries(labels).map(([key, value]) => style("cyan", escapeText(`${key}=${value}`)));
}

function formatPin(pin: Pin | undefined, style: Style): string[] {
  if (pin === undefined) return [];
  const note = pin.note === undefined ? "" : `: ${escapeText(pin.note)}`;
  return [style("green", `pinned${note}`)];
}
