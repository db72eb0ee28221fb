/**
 * Event writer: puts events into their table. Those of calls that are made one after the other, without waiting, share a transaction:
 * it costs as much as a hundred rows.
 */
import type { OwnDatabase } from "../database/own-database.js";
import type { EventRow } from "./trace-event.js";
import type { WordTable } from "./word-table.js";

/** A call whose events are still to be written. */
interface WaitingCall {
  readonly rows: readonly EventRow[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class EventWriter {
  readonly #traces: OwnDatabase;
  readonly #words: WordTable;
  #waiting: WaitingCall[] = [];

  constructor(traces: OwnDatabase, words: WordTable) {
    this.#traces = traces;
    this.#words = words;
  }

  /** Has events written at the end of this turn of the event loop, all or none; resolves when they are. */
  write(rows: readonly EventRow[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  /** Writes what waits. Failures go to those who called. */
  flush(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    if (calls.length === 0) return;
    try {
      this.#traces.transaction.run(() => this.#insert(calls), "relaxed");
    } catch (error) {
      this.#words.forget();
      for (const { reject } of calls) reject(error);
      return;
    }
    for (const { resolve } of calls) resolve();
  }

  #insert(calls: readonly WaitingCall[]): void {
    const { database } = this.#traces;
    const insert = database.prepare(
      `INSERT INTO event (at_ms, name, version, sandbox, snapshot, kind, tool, duration_us, ok, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const wordOf = (text: string | null) => (text === null ? null : this.#words.put(text));
    for (const { rows } of calls) {
      for (const row of rows) {
        const { atMs, name, version, sandbox, snapshot, kind, tool, durationUs, ok, data } = row;
        insert.run(
          atMs,
          wordOf(name),
          version,
          sandbox,
          snapshot,
          wordOf(kind),
          wordOf(tool),
          durationUs,
          ok,
          data,
        );
      }
    }
  }
}
