/**
 * Remove events: those that a filter means, in transactions that let others write in between.
 */
import { setImmediate } from "node:timers/promises";
import type { OwnDatabase } from "../database/own-database.js";
import { CoppiceError } from "../model/error.js";
import type { TraceFilter } from "./event-filter.js";
import { eventConditions } from "./event-filter.js";
import type { WordTable } from "./word-table.js";

/** Which events are removed. */
export interface TraceRemoval extends Omit<TraceFilter, "since" | "until"> {
  /** Those before this moment. */
  readonly before: Date;
  /** Ends it early; what was removed until then is gone. */
  readonly signal?: AbortSignal | undefined;
}

/** Takes some 50 ms. */
const PIECE_EVENTS = 5_000;

/** Removes events; see `Traces.remove`. */
export async function removeEvents(
  traces: OwnDatabase,
  words: WordTable,
  { before, signal, ...filter }: TraceRemoval,
): Promise<number> {
  const { database, transaction } = traces;
  const conditions = transaction.read(() => eventConditions({ ...filter, until: before }, words));
  let removed = 0;
  while (conditions !== undefined) {
    if (signal?.aborted === true)
      throw new CoppiceError(
        "ABORTED",
        `Cannot remove all traces: it was aborted, ${removed} are gone`,
      );
    const { source, parameters } = conditions;
    const statement = `DELETE FROM event WHERE seq IN (SELECT seq FROM ${source} ORDER BY at_ms, seq LIMIT ?)`;
    const { changes } = transaction.run(
      () => database.prepare(statement).run(...parameters, PIECE_EVENTS),
      "relaxed",
    );
    removed += changes;
    if (changes < PIECE_EVENTS) break;
    await setImmediate();
  }
  if (removed > 0) giveBackSpace(traces);
  return removed;
}

/** Where more than half of the file is free it is written anew, which costs what is left of it. */
function giveBackSpace({ database, transaction }: OwnDatabase): void {
  const pages = (of: string): number => database.pragma(of, { simple: true }) as number;
  transaction.read(() => {
    if (pages("freelist_count") * 2 < pages("page_count")) return;
    try {
      database.exec("VACUUM");
      // The new file lies in the log first.
      database.pragma("wal_checkpoint(TRUNCATE)");
    } catch (error) {
      // Somebody writes at this moment, or the disk has no room for a second file: free pages are used again as they are.
      const { code = "" } = error as { readonly code?: string };
      if (!code.startsWith("SQLITE_BUSY") && code !== "SQLITE_FULL") throw error;
    }
  });
}
