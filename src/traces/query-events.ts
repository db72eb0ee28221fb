/**
 * Query events: those that a filter means, newest first, page by page.
 */
import type { OwnDatabase } from "../database/own-database.js";
import type { Page, PageQuery } from "../ledger/page.js";
import { pageOf } from "../ledger/page.js";
import type { TraceFilter } from "./event-filter.js";
import { eventConditions } from "./event-filter.js";
import type { RecordedTraceEvent } from "./trace-event.js";
import type { WordTable } from "./word-table.js";

/** Which events are listed, and which page of them. */
export type TraceQuery = TraceFilter & PageQuery;

/** A row, with its words' numbers. */
interface StoredEvent {
  readonly seq: number;
  readonly at_ms: number;
  readonly name: number | null;
  readonly version: number | null;
  readonly sandbox: string | null;
  readonly snapshot: string | null;
  readonly kind: number;
  readonly tool: number | null;
  readonly duration_us: number | null;
  readonly ok: number | null;
  readonly data: string | null;
}

/** Returns a page of events; see `Traces.query`. */
export function queryEvents(
  { database, transaction }: OwnDatabase,
  words: WordTable,
  { limit, cursor, ...filter }: TraceQuery,
): Page<RecordedTraceEvent> {
  const page = { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
  return transaction.readTogether(() => {
    const conditions = eventConditions(filter, words);
    return pageOf("traces", page, sortKeyOf, (after, count) => {
      if (conditions === undefined) return [];
      const { source, parameters } = conditions;
      const from = after === undefined ? "" : "AND (at_ms, seq) < (?, ?)";
      const rows = database
        .prepare(`SELECT * FROM ${source} ${from} ORDER BY at_ms DESC, seq DESC LIMIT ?`)
        .all(...parameters, ...(after ?? []), count) as StoredEvent[];
      return rows.map((row) => recordedEvent(row, words));
    });
  });
}

function sortKeyOf({ at, id }: RecordedTraceEvent): [number, number] {
  return [at.getTime(), id];
}

function recordedEvent(row: StoredEvent, words: WordTable): RecordedTraceEvent {
  const { seq, at_ms, name, version, sandbox, snapshot, kind, tool, duration_us, ok, data } = row;
  return {
    id: seq,
    at: new Date(at_ms),
    kind: words.textOf(kind),
    ...(name !== null && { name: words.textOf(name) }),
    ...(version !== null && { version }),
    ...(snapshot !== null && { snapshot }),
    ...(sandbox !== null && { sandbox }),
    ...(tool !== null && { tool: words.textOf(tool) }),
    ...(duration_us !== null && { durationMs: duration_us / 1_000 }),
    ...(ok !== null && { ok: ok === 1 }),
    ...(data !== null && { data: JSON.parse(data) as unknown }),
  };
}
