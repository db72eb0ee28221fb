/**
 * Measure events: counts, success and latency of the events that a filter means, exactly. All of them are looked at, in an index;
 * what is sampled or summed up beforehand could not tell a percentile of any filter.
 *
 * They are taken in pieces, between which others get their turn. In a piece SQLite joins figures to one text, since a value for each row
 * costs five times as long to hand over as to find.
 */
import { setImmediate } from "node:timers/promises";
import type { OwnDatabase } from "../database/own-database.js";
import { CoppiceError } from "../model/error.js";
import type { EventConditions, TraceFilter } from "./event-filter.js";
import { eventConditions } from "./event-filter.js";
import { Latencies, percentile } from "./latencies.js";
import type { WordTable } from "./word-table.js";

/** Figures of some events. */
export interface TraceFigures {
  /** How many there are. */
  readonly count: number;
  /** How many of the tool calls that tell succeeded, 0 to 1; missing where none tells. */
  readonly successRate?: number;
  /** The latency that half of those that tell do not exceed, by nearest rank: one that was measured. Missing where none tells. */
  readonly p50Ms?: number;
  /** The same for 95 in 100. */
  readonly p95Ms?: number;
}

/** Figures of the calls of one tool. */
export interface ToolFigures extends TraceFigures {
  /** Its name. */
  readonly tool: string;
}

/** Figures of the events that a filter means; counts and latencies of all of them, success of tool calls. */
export interface TraceMetrics extends TraceFigures {
  /** The same by tool, the most used first. */
  readonly byTool: readonly ToolFigures[];
}

/** Ends a measurement. */
export interface MeasureOptions {
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/** What was found of one tool, or of what is no tool call. */
interface Tally {
  count: number;
  okCount: number;
  failedCount: number;
  readonly latencies: Latencies;
}

/** Takes some 30 ms. */
const PIECE_EVENTS = 100_000;
/** What stands for a tool where there was none; words are numbered from 1 on. */
const NO_TOOL = 0;
const MICROSECONDS = 1_000;

/** Returns figures of events; see `Traces.metrics`. */
export async function measureEvents(
  traces: OwnDatabase,
  words: WordTable,
  filter: TraceFilter,
  { signal }: MeasureOptions,
): Promise<TraceMetrics> {
  const tallies = new Map<number, Tally>();
  const conditions = traces.transaction.read(() => eventConditions(filter, words));
  let after: EventKey | undefined = [Number.MIN_SAFE_INTEGER, 0];
  while (conditions !== undefined && after !== undefined) {
    if (signal?.aborted === true)
      throw new CoppiceError("ABORTED", "Cannot measure traces: it was aborted");
    after = addPiece(traces, conditions, after, tallies);
    await setImmediate();
  }
  const byTool = [...tallies]
    .filter(([tool]) => tool !== NO_TOOL)
    .map(([tool, tally]) => ({
      tool: traces.transaction.read(() => words.textOf(tool)),
      ...figuresOf([tally], [tally]),
    }))
    .sort((a, b) => b.count - a.count || (a.tool < b.tool ? -1 : 1));
  const calls = [...tallies].filter(([tool]) => tool !== NO_TOOL).map(([, tally]) => tally);
  return { ...figuresOf([...tallies.values()], calls), byTool };
}

/** Where a piece ends: time and number of its last event. */
type EventKey = readonly [number, number];

/** Adds the events that come after one, and returns the last of them, unless there are no more. */
function addPiece(
  { database, transaction }: OwnDatabase,
  { source, parameters }: EventConditions,
  after: EventKey,
  tallies: Map<number, Tally>,
): EventKey | undefined {
  return transaction.readTogether(() => {
    const from = `${source} AND (at_ms, seq) > (?, ?)`;
    const last = database
      .prepare(`SELECT at_ms, seq FROM ${from} ORDER BY at_ms, seq LIMIT 1 OFFSET ?`)
      .get(...parameters, ...after, PIECE_EVENTS - 1) as { at_ms: number; seq: number } | undefined;
    const end: EventKey | undefined = last && [last.at_ms, last.seq];
    const piece = database
      .prepare(
        `SELECT group_concat(coalesce(tool, ${NO_TOOL})) AS tools,
                group_concat(coalesce(duration_us + 1, 0) * 4 + coalesce(ok, 2)) AS figures
         FROM ${from} ${end === undefined ? "" : "AND (at_ms, seq) <= (?, ?)"}`,
      )
      .get(...parameters, ...after, ...(end ?? [])) as { tools: string; figures: string } | null;
    if (piece?.tools) addFigures(piece.tools, piece.figures, tallies);
    return end;
  });
}

function addFigures(tools: string, figures: string, tallies: Map<number, Tally>): void {
  const nextTool = numbersOf(tools);
  const nextFigure = numbersOf(figures);
  for (let tool = nextTool(); tool !== undefined; tool = nextTool()) {
    const figure = nextFigure() as number;
    const ok = figure % 4;
    const durationUs = (figure - ok) / 4 - 1;
    let tally = tallies.get(tool);
    if (tally === undefined) {
      tally = { count: 0, okCount: 0, failedCount: 0, latencies: new Latencies() };
      tallies.set(tool, tally);
    }
    tally.count++;
    if (ok === 1) tally.okCount++;
    else if (ok === 0) tally.failedCount++;
    if (durationUs >= 0) tally.latencies.add(durationUs);
  }
}

/** Returns what reads whole numbers with commas between them, one by one. */
function numbersOf(text: string): () => number | undefined {
  let position = 0;
  return () => {
    if (position >= text.length) return undefined;
    let number = 0;
    for (; position < text.length; position++) {
      const digit = text.charCodeAt(position) - 48;
      if (digit < 0) break;
      number = number * 10 + digit;
    }
    position++;
    return number;
  };
}

/** @param calls those among them that are tool calls */
function figuresOf(tallies: readonly Tally[], calls: readonly Tally[]): TraceFigures {
  const sum = (of: (tally: Tally) => number, among: readonly Tally[]): number =>
    among.reduce((total, tally) => total + of(tally), 0);
  const okCount = sum((tally) => tally.okCount, calls);
  const toldCount = okCount + sum((tally) => tally.failedCount, calls);
  const lists = tallies.map(({ latencies }) => latencies.sorted);
  const p50Us = percentile(lists, 0.5);
  const p95Us = percentile(lists, 0.95);
  return {
    count: sum((tally) => tally.count, tallies),
    ...(toldCount > 0 && { successRate: okCount / toldCount }),
    ...(p50Us !== undefined && { p50Ms: p50Us / MICROSECONDS }),
    ...(p95Us !== undefined && { p95Ms: p95Us / MICROSECONDS }),
  };
}
