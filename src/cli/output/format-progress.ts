import type { Progress } from "../../index.js";
import { countOf } from "./count-of.js";
import { formatBytes } from "./format-bytes.js";
import { formatCount } from "./format-count.js";
import { formatDuration } from "./format-duration.js";
import type { Style } from "./style.js";

/** What the line tells. */
export interface ProgressLine {
  readonly progress: Progress;
  /** As `performance.now()`. */
  readonly startedMs: number;
  /** Entries that a scan will probably find. */
  readonly expectedEntries: number | undefined;
}

const BAR_COLUMNS = 24;
/** A terminal narrower than this shows no bar. */
const WIDTH_FOR_BAR = 80;
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
/** How long each picture of the spinner stands. */
const SPINNER_MS = 100;

/**
 * Returns the line that shows how far an operation is.
 *
 * @param nowMs as `performance.now()`
 * @param width of the terminal, in columns
 */
export function formatProgress(
  line: ProgressLine,
  nowMs: number,
  width: number,
  style: Style,
): string {
  const { verb, share, details } = describe(line);
  const time = formatDuration(nowMs - line.startedMs);
  const bar = share === undefined || width < WIDTH_FOR_BAR ? [] : [formatGauge(share, style)];
  const spinner = style("cyan", SPINNER[Math.floor(nowMs / SPINNER_MS) % SPINNER.length] ?? "");
  return `${spinner} ${[style("bold", verb), ...bar, ...details, style("dim", time)].join("  ")}`;
}

function describe({ progress, expectedEntries }: ProgressLine) {
  switch (progress.phase) {
    case "scan": {
      const { entries, bytesRead } = progress;
      // A guess from the last time: it may be exceeded, and is complete only when the scan is.
      const isGuess = expectedEntries !== undefined && entries <= expectedEntries;
      return {
        verb: "Reading",
        share: isGuess ? entries / expectedEntries : undefined,
        details: [countOf(entries, "entry", "entries"), `${formatBytes(bytesRead)} read`],
      };
    }
    case "commit":
      return { verb: "Committing", share: undefined, details: [countOf(progress.chunks, "chunk")] };
    case "restore": {
      const { done, total, bytes } = progress;
      const isKnown = total >= done && total > 0;
      const count = isKnown
        ? `${formatCount(done)} of ${countOf(total, "entry", "entries")}`
        : countOf(done, "entry", "entries");
      return {
        verb: "Writing",
        share: isKnown ? done / total : undefined,
        details: [count, `${formatBytes(bytes)} written`],
      };
    }
    case "unpack":
      return {
        verb: "Unpacking",
        share: undefined,
        details: [
          countOf(progress.entries, "entry", "entries"),
          `${formatBytes(progress.bytes)} read`,
        ],
      };
    case "image":
    case "check": {
      const { bytes, total } = progress;
      return {
        verb: progress.phase === "image" ? "Writing" : "Checking",
        share: total === 0 ? undefined : Math.min(1, bytes / total),
        details: [`${formatBytes(bytes)} of ${formatBytes(total)}`],
      };
    }
    case "prune":
      return { verb: "Removing", ...gauged(progress.snapshots, progress.total, "snapshot") };
    case "erase":
      return { verb: "Erasing", ...gauged(progress.snapshots, progress.total, "snapshot") };
    case "prove":
      return { verb: "Reading back", ...gauged(progress.packs, progress.total, "pack") };
    case "mark":
      return { verb: "Looking", share: undefined, details: [countOf(progress.chunks, "chunk")] };
    case "heal":
      return {
        verb: "Healing",
        share: undefined,
        details: [countOf(progress.files, "file"), `${countOf(progress.missing, "chunk")} missing`],
      };
    case "sweep":
      return { verb: "Removing", ...gauged(progress.chunks, progress.total, "chunk") };
    case "reclaim":
      return { verb: "Freeing", ...gauged(progress.packs, progress.total, "pack") };
  }
}

function gauged(done: number, total: number, what: string) {
  return { share: done / total, details: [`${formatCount(done)} of ${countOf(total, what)}`] };
}

function formatGauge(share: number, style: Style): string {
  const done = Math.round(share * BAR_COLUMNS);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${style("cyan", "━".repeat(done))}${style("dim", "─".repeat(BAR_COLUMNS - done))} ${percent} %`;
}
