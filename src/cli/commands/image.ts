import { Command, InvalidArgumentError } from "commander";
import { parseUuid } from "../../image/image-uuid.js";
import type { Durability, ImageFileReport, Snapshot } from "../../index.js";
import { action, type Invocation } from "../invocation.js";
import { imageReportJson } from "../json/report-json.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { durabilityOption } from "../options.js";
import { countOf } from "../output/count-of.js";
import { reportedText } from "../output/escape-path.js";
import { escapeText } from "../output/escape-text.js";
import { formatBytes } from "../output/format-bytes.js";
import { formatDuration } from "../output/format-duration.js";
import type { Style } from "../output/style.js";

interface ImageCommandOptions {
  readonly force?: boolean;
  readonly durability: Durability;
  readonly uuid?: string;
}

/** So many attributes are told in a remark; JSON has more of them. */
const XATTRS_MAX = 10;

/** `coppice image`: writes a snapshot as a file system in a file. */
export function imageCommand(): Command {
  return new Command("image")
    .description("write a snapshot as an EROFS image with everything in it, for a VM's disk")
    .argument("<snapshot>", "id, digest, name or unique prefix")
    .argument("<file>", "missing or empty, outside the store")
    .option("--force", "replace a file that has content")
    .option(
      "--uuid <uuid>",
      "of the file system (default: made from the snapshot's digest)",
      uuidText,
    )
    .addOption(durabilityOption())
    .action(action(image));
}

async function image(
  invocation: Invocation,
  reference: string,
  file: string,
  { force, uuid, durability }: ImageCommandOptions,
): Promise<undefined> {
  const { output } = invocation;
  const store = await invocation.openStore();
  const snapshot = await store.get(reference);
  const report = await invocation.runLong((long) =>
    store.image(snapshot, file, { ...long, force, uuid, durability }),
  );
  if (output.isJson) {
    await output.printJson({
      snapshot: snapshotJson(snapshot),
      file: report.path,
      report: imageReportJson(report),
    });
    return;
  }
  await output.print(...describe(report, snapshot, output.style));
  for (const remark of remarks(report)) output.remark(remark);
}

function uuidText(text: string): string {
  try {
    parseUuid(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function describe(report: ImageFileReport, snapshot: Snapshot, style: Style): string[] {
  const name = snapshot.name === undefined ? "" : ` ${style("bold", escapeText(snapshot.name))}`;
  return [
    `${style("green", "✔")} ${style("yellow", snapshot.id)}${name} → ${escapeText(report.path)}`,
    `  ${countOf(report.inodeCount, "inode")}, ${formatBytes(report.sizeBytes)}, in ${formatDuration(report.durationMs)}`,
    style("dim", `  UUID ${report.uuid}`),
  ];
}

function remarks({ omittedXattrs: { count, xattrs } }: ImageFileReport): string[] {
  if (count === 0) return [];
  const shown = xattrs.slice(0, XATTRS_MAX);
  const texts = shown.map((each) => `${reportedText(each) || "./"} (${escapeText(each.xattr)})`);
  const rest = count > shown.length ? ` and ${count - shown.length} more` : "";
  return [
    `${countOf(count, "extended attribute has", "extended attributes have")} no place in EROFS and ${count === 1 ? "is" : "are"} left out: ${texts.join(", ")}${rest}`,
  ];
}
