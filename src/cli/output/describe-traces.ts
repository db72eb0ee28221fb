import type { RecordedTraceEvent, TraceFigures, TraceMetrics } from "../../index.js";
import { countOf } from "./count-of.js";
import { escapeText } from "./escape-text.js";
import { formatBar } from "./format-bar.js";
import { formatCount } from "./format-count.js";
import { formatDuration } from "./format-duration.js";
import { formatTable } from "./format-table.js";
import { formatTime } from "./format-time.js";
import type { Style } from "./style.js";

/** Where text goes: how it is styled, and how wide it may be. */
export interface Page {
  readonly style: Style;
  readonly columns: number | undefined;
}

/** Where the width is not known. */
const COLUMNS_DEFAULT = 80;
const BAR_COLUMNS_MAX = 40;
const LABEL_CHARACTERS_MAX = 24;

/** Returns a table of events. */
export function describeEvents(events: readonly RecordedTraceEvent[], style: Style): string[] {
  if (events.length === 0) return [];
  const titles = ["AT", "KIND", "TOOL", "", "TIME", "AGENT", "SANDBOX"];
  const rows = events.map((event) => [
    formatTime(BigInt(event.at.getTime()) * 1_000_000n),
    escapeText(event.kind),
    event.tool === undefined ? style("dim", "-") : style("bold", escapeText(event.tool)),
    outcome(event.ok, style),
    event.durationMs === undefined ? "" : formatDuration(event.durationMs),
    agentOf(event),
    escapeText(event.sandbox ?? ""),
  ]);
  const alignments = ["left", "left", "left", "left", "right"] as const;
  return formatTable([titles.map((title) => style("dim", title)), ...rows], alignments);
}

/** Returns figures: a line, and a table by tool with bars of what each one's slow calls take. */
export function describeMetrics(metrics: TraceMetrics, { style, columns }: Page): string[] {
  const parts = [
    countOf(metrics.count, "event"),
    ...(metrics.successRate === undefined
      ? []
      : [`${formatShare(metrics.successRate)} of tool calls succeeded`]),
    ...(metrics.p50Ms === undefined ? [] : [`p50 ${formatLatency(metrics.p50Ms)}`]),
    ...(metrics.p95Ms === undefined ? [] : [`p95 ${formatLatency(metrics.p95Ms)}`]),
  ];
  if (metrics.byTool.length === 0) return [parts.join(", ")];
  const slowest = Math.max(...metrics.byTool.map(({ p95Ms = 0 }) => p95Ms));
  const titles = ["TOOL", "CALLS", "OK", "P50", "P95"].map((title) => style("dim", title));
  const rows = metrics.byTool.map((each) => [
    formatLabel(each.tool),
    formatCount(each.count),
    ...figureCells(each),
  ]);
  const alignments = ["left", "right", "right", "right", "right"] as const;
  const table = formatTable([titles, ...rows], alignments);
  const bars = barColumns(columns, Math.max(...formatTable(rows, alignments).map(lengthOf)) + 2);
  const lines = table.map((line, index) => {
    const tool = metrics.byTool[index - 1];
    if (tool?.p95Ms === undefined || bars === 0) return line;
    return `${line}  ${style("cyan", formatBar(tool.p95Ms / (slowest || 1), bars))}`;
  });
  return [parts.join(", "), "", ...lines];
}

/** Returns an outcome that can be told apart without colours. */
function outcome(ok: boolean | undefined, style: Style): string {
  if (ok === undefined) return "";
  return ok ? style("green", "ok") : style("red", "failed");
}

function agentOf({ name, version }: RecordedTraceEvent): string {
  if (name === undefined) return "";
  return escapeText(version === undefined ? name : `${name}@${version}`);
}

function figureCells({ successRate, p50Ms, p95Ms }: TraceFigures): string[] {
  return [
    successRate === undefined ? "-" : formatShare(successRate),
    p50Ms === undefined ? "-" : formatLatency(p50Ms),
    p95Ms === undefined ? "-" : formatLatency(p95Ms),
  ];
}

/** Returns how wide bars may be beside what takes so many columns; 0 where there is no room. */
export function barColumns(columns: number | undefined, taken: number): number {
  const room = (columns ?? COLUMNS_DEFAULT) - taken;
  return room < 4 ? 0 : Math.min(BAR_COLUMNS_MAX, room);
}

/** Returns a share for people, such as `91.2 %`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Returns a latency for people. */
export function formatLatency(milliseconds: number): string {
  return formatDuration(milliseconds);
}

/** Returns the name of a tool, not longer than a column should be. */
export function formatLabel(text: string): string {
  const characters = [...escapeText(text)];
  return characters.length <= LABEL_CHARACTERS_MAX
    ? characters.join("")
    : `${characters.slice(0, LABEL_CHARACTERS_MAX - 1).join("")}…`;
}

function lengthOf(line: string): number {
  return [...line].length;
}
