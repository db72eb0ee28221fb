import { Command, Option } from "commander";
import type { Durability, ImportResult, UnpackLimits, UnpackOptions } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { importReportJson } from "../json/report-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { collectLabel, durabilityOption, wholeNumber } from "../options.js";
import { countOf } from "../output/count-of.js";
import { remarkOnRoom } from "../output/describe-capture.js";
import { reportedText } from "../output/escape-path.js";
import { escapeText } from "../output/escape-text.js";
import { formatBytes } from "../output/format-bytes.js";
import { formatDuration } from "../output/format-duration.js";
import type { Style } from "../output/style.js";
import { sizeArgument } from "../quantities.js";

interface ImportCommandOptions {
  readonly name?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly devices?: boolean;
  readonly links: NonNullable<UnpackOptions["links"]>;
  readonly owner: NonNullable<UnpackOptions["owner"]>;
  readonly refuseCollisions?: boolean;
  readonly maxBytes?: number;
  readonly maxEntries?: number;
  readonly maxRatio?: number;
  readonly durability: Durability;
  readonly quiet?: boolean;
}

/** So many parts are told in a remark; JSON has more of them. */
const PARTS_MAX = 10;

/** `coppice import`: makes a snapshot of an archive. */
export function importCommand(): Command {
  return new Command("import")
    .description("make a snapshot of a tar archive, plain or in gzip or zstd")
    .argument("<file>", "the archive; - for standard input")
    .option("-n, --name <name>", "a name for the snapshot, which no other has")
    .option("-l, --label <key=value>", "a label; may be given several times", collectLabel)
    .option("--devices", "keep devices, instead of refusing an archive with some")
    .addOption(
      new Option("--links <where>", "where symbolic links may lead")
        .choices(["inside", "any"])
        .default("inside"),
    )
    .addOption(
      new Option("--owner <whose>", "whose the files are: as the archive says, or yours")
        .choices(["keep", "self"])
        .default("keep"),
    )
    .option("--refuse-collisions", "refuse names that differ in case or Unicode form alone")
    .option("--max-bytes <size>", "what it may expand to (default: 10GiB)", sizeArgument)
    .option(
      "--max-entries <count>",
      "how many entries it may have (default: 1,000,000)",
      wholeNumber(1),
    )
    .option(
      "--max-ratio <count>",
      "how many times its size it may expand to (default: 200)",
      wholeNumber(1),
    )
    .addOption(durabilityOption())
    .option("-q, --quiet", "print the id alone")
    .action(action(importArchive));
}

async function importArchive(
  invocation: Invocation,
  file: string,
  options: ImportCommandOptions,
): Promise<undefined> {
  const { output } = invocation;
  const { name, label: labels, links, owner, durability } = options;
  const store = await invocation.openStore();
  const taken = await invocation.runLong(({ signal, onProgress }) =>
    store.import(file === "-" ? process.stdin : file, {
      ...{ links, owner, durability, signal },
      devices: options.devices === true ? "keep" : "refuse",
      caseCollisions: options.refuseCollisions === true ? "refuse" : "keep",
      limits: limitsOf(options),
      ...(name !== undefined && { name }),
      ...(labels !== undefined && { labels }),
      ...(onProgress !== undefined && { onProgress }),
    }),
  );
  const { snapshot, report } = taken;
  if (output.isJson)
    await output.printJson({ snapshot: snapshotJson(snapshot), report: importReportJson(report) });
  else if (options.quiet === true) await output.print(snapshot.id);
  else await output.print(...describe(taken, file, output.style));
  for (const remark of [...remarks(report), ...remarkOnRoom(report)]) output.remark(remark);
}

function limitsOf({ maxBytes, maxEntries, maxRatio }: ImportCommandOptions): UnpackLimits {
  return {
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxEntries !== undefined && { maxEntries }),
    ...(maxRatio !== undefined && { maxRatio }),
  };
}

function describe({ snapshot, report }: ImportResult, file: string, style: Style): string[] {
  const name = snapshot.name === undefined ? "" : ` ${style("bold", escapeText(snapshot.name))}`;
  const from = report.compression === "none" ? "" : ` of ${report.compression}`;
  return [
    `${style("green", "✔")} ${style("yellow", snapshot.id)}${name}  ${escapeText(file)}`,
    `  ${countOf(snapshot.entryCount, "entry", "entries")}, ${formatBytes(snapshot.totalBytes)}, in ${formatDuration(report.durationMs)}`,
    `  ${formatBytes(report.archiveBytes)}${from} read, ${formatBytes(report.bytesNew)} new`,
    style("dim", `  ${snapshot.digest}`),
  ];
}

function remarks({ dropped: { count, parts } }: ImportResult["report"]): string[] {
  if (count === 0) return [];
  const shown = parts.slice(0, PARTS_MAX);
  const texts = shown.map((each) => `${reportedText(each)} (${escapeText(each.part)})`);
  const rest = count > shown.length ? ` and ${count - shown.length} more` : "";
  return [
    `${countOf(count, "part")} of entries ${count === 1 ? "has" : "have"} no place in a snapshot and ${count === 1 ? "is" : "are"} left out: ${texts.join(", ")}${rest}`,
  ];
}
