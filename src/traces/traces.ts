/**
 * Traces: what agents did, event by event, and figures of it. Thin: it forwards to functions.
 *
 * They lie in a database of their own, `ledger/traces.sqlite`, since they are many and none of them matters: a power cut may
 * take the newest ones, and the file can be deleted while nobody has the store open.
 */
import { join } from "node:path";
import { OwnDatabase } from "../database/own-database.js";
import type { Page } from "../ledger/page.js";
import type { TraceComparison } from "./compare-versions.js";
import { compareFigures } from "./compare-versions.js";
import type { TraceFilter } from "./event-filter.js";
import { EventWriter } from "./event-writer.js";
import type { MeasureOptions, TraceMetrics } from "./measure-events.js";
import { measureEvents } from "./measure-events.js";
import type { TraceQuery } from "./query-events.js";
import { queryEvents } from "./query-events.js";
import type { TraceRemoval } from "./remove-events.js";
import { removeEvents } from "./remove-events.js";
import { TRACES } from "./schema.js";
import type { RecordedTraceEvent, TraceEvent } from "./trace-event.js";
import { checkText, eventRow } from "./trace-event.js";
import { WordTable } from "./word-table.js";

/** Which versions of an agent are compared, and by which of their events. */
export interface TraceVersions extends Omit<TraceFilter, "version">, MeasureOptions {
  /** The agent's name. */
  readonly name: string;
  /** The two versions, the one to compare with first. */
  readonly versions: readonly [number, number];
}

/** What is open while traces are in use. */
interface TraceParts {
  readonly database: OwnDatabase;
  readonly words: WordTable;
  readonly writer: EventWriter;
}

/** One transaction of so many events takes a quarter of a second, in which nothing else runs. */
const EVENTS_MAX = 10_000;

/** The events of a store's agents. */
export class Traces {
  readonly #directory: () => string;
  #parts: TraceParts | undefined;

  /**
   * @internal
   * @param directory returns the store's directory while it is open
   */
  constructor(directory: () => string) {
    this.#directory = directory;
  }

  /**
   * Records one event or several, these all or none. Calls that do not wait for one another share a transaction. With `relaxed` durability: what was recorded
   * survives the end of the process; a power cut may take the newest.
   *
   * @param events at most 10,000
   * @throws {CoppiceError} STORE_CLOSED, STORE_BUSY, CORRUPT, DISK_FULL, IO; nothing of this call is recorded then
   * @throws {TypeError} where a member is of another type or unknown
   * @throws {RangeError} where it is out of its range
   * @example
   * const started = performance.now();
   * const { exitCode } = await workspace.exec("make", ["test"]);
   * const durationMs = performance.now() - started;
   * await store.traces.record({ name: "fixer", version: 3, kind: "tool", tool: "make", durationMs, ok: exitCode === 0 });
   */
  async record(events: TraceEvent | readonly TraceEvent[]): Promise<void> {
    const all = Array.isArray(events) ? (events as readonly TraceEvent[]) : [events as TraceEvent];
    if (all.length > EVENTS_MAX)
      throw new RangeError(
        `Cannot record ${all.length} events at once: give ${EVENTS_MAX} at most`,
      );
    const rows = all.map(eventRow);
    const { writer } = this.#use();
    await writer.write(rows);
  }

  /**
   * Returns events, newest first, a page at a time. By sandbox, snapshot, or name with or without version a page costs the same however
   * many events there are; what else is asked for is looked for among these, at some 4 million a second.
   *
   * @throws {CoppiceError} STORE_CLOSED; INVALID_ARGUMENT where the cursor is none of this list's; CORRUPT, IO
   * @throws {TypeError} where the query is none
   * @throws {RangeError} where the limit is out of its range
   * @example
   * const { items, cursor } = await store.traces.query({ name: "fixer", version: 3, ok: false });
   */
  async query(query: TraceQuery = {}): Promise<Page<RecordedTraceEvent>> {
    const { database, words } = this.#use();
    return queryEvents(database, words, query);
  }

  /**
   * Returns figures of events: how many, how many tool calls succeeded, and the latencies that 50 and 95 in 100 do not exceed, overall and
   * by tool. Exact: looks at every event that is meant, some 2 million a second.
   *
   * @throws {CoppiceError} STORE_CLOSED, ABORTED, CORRUPT, IO
   * @throws {TypeError} where the filter is none
   * @example
   * const { successRate, p95Ms } = await store.traces.metrics({ name: "fixer", version: 3, kind: "tool" });
   */
  async metrics(filter: TraceFilter & MeasureOptions = {}): Promise<TraceMetrics> {
    const { database, words } = this.#use();
    const { signal, ...meant } = filter;
    return measureEvents(database, words, meant, { signal });
  }

  /**
   * Returns the figures of two versions of an agent side by side, as `metrics` tells them. A version without events has none.
   *
   * @throws {CoppiceError} STORE_CLOSED, ABORTED, CORRUPT, IO
   * @throws {TypeError} where these are not two versions of one name
   * @example
   * const { difference } = await store.traces.compare({ name: "fixer", versions: [2, 3] });
   */
  async compare({ versions, signal, ...filter }: TraceVersions): Promise<TraceComparison> {
    const { database, words } = this.#use();
    const { name } = filter;
    if (name === undefined) throw new TypeError("Cannot compare versions: give the agent's name");
    checkText("name", name);
    if (!Array.isArray(versions) || versions.length !== 2)
      throw new TypeError(`Cannot compare versions of ${name}: give two of them`);
    const [before, after] = versions as readonly [number, number];
    const measure = (version: number) =>
      measureEvents(database, words, { ...filter, version }, { signal });
    const compared = compareFigures(await measure(before), await measure(after));
    return { name, versions: [before, after], ...compared };
  }

  /**
   * Removes events before a moment, all or those that are meant. Where more than half of the file is free then, it is made smaller.
   *
   * @returns how many went
   * @throws {CoppiceError} STORE_CLOSED, ABORTED, STORE_BUSY, CORRUPT, DISK_FULL, IO; what went until then is gone
   * @throws {TypeError} where no moment is given
   * @example
   * await store.traces.remove({ before: new Date(Date.now() - 30 * 86_400_000) });
   */
  async remove(removal: TraceRemoval): Promise<number> {
    if (!(removal?.before instanceof Date))
      throw new TypeError("Cannot remove traces: give a Date before which they go");
    const { database, words } = this.#use();
    return removeEvents(database, words, removal);
  }

  /**
   * Writes what waits and closes the file.
   *
   * @internal
   */
  close(): void {
    this.#parts?.writer.flush();
    this.#parts?.database.close();
  }

  #use(): TraceParts {
    const directory = this.#directory();
    if (this.#parts === undefined) {
      // What is done here is done within one transaction each: no session owns anything.
      const file = join(directory, "ledger", "traces.sqlite");
      const database = new OwnDatabase(file, TRACES, () => undefined);
      const words = new WordTable(database.database);
      this.#parts = { database, words, writer: new EventWriter(database, words) };
    }
    return this.#parts;
  }
}
