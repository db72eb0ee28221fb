/**
 * Sandbox events: the audit trail. An event is written in the transaction of the change that it tells of, where there is one.
 */
import type { Database } from "../database/sqlite.js";
import type { Page, PageQuery } from "../ledger/page.js";
import { pageOf } from "../ledger/page.js";
import { CoppiceError } from "../model/error.js";
import { findRow } from "./sandbox-row.js";
import type { SandboxStore } from "./store-calls.js";

/** What was done to a sandbox. */
export type SandboxEventKind =
  | "created"
  | "restored"
  | "command"
  | "command-ended"
  | "file-written"
  | "file-removed"
  | "file-renamed"
  | "directory-made"
  | "uploaded"
  | "downloaded"
  | "snapshot"
  | "snapshot-deleted"
  | "paused"
  | "resumed"
  | "failed"
  | "deleted";

/** Something that was done to a sandbox. */
export interface SandboxEvent {
  /** Counts up, in a store's sandboxes together; stays what it is. */
  readonly sequence: number;
  /** The sandbox's id. */
  readonly sandboxId: string;
  /** What was done. */
  readonly kind: SandboxEventKind;
  /** When. */
  readonly at: Date;
  /**
   * What is to be known of it: a command line, an exit code, a duration in ms, a path, a size in bytes. Values of secrets
   * and of variables are never in it.
   */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Which events. */
export interface SandboxEventQuery {
  /** Only those after the event of this `sequence`. @default all */
  readonly after?: number;
  /** Whether to wait for further ones, until the sandbox is deleted or `signal` is aborted. @default false */
  readonly follow?: boolean;
  /** Ends it, without an error. */
  readonly signal?: AbortSignal;
}

interface StoredEvent {
  readonly sequence: number;
  readonly sandbox: string;
  readonly kind: string;
  readonly at_ms: number;
  readonly data: string;
}

/** How many are read at once. */
const BATCH = 200;

/** A look at an index takes some microseconds, so that asking SQLite whether anything was written would save nothing. */
const POLL_MS = 50;

/** Notes an event, within a transaction. */
export function noteEvent(
  database: Database,
  sandbox: string,
  kind: SandboxEventKind,
  data: Readonly<Record<string, unknown>> = {},
): void {
  database
    .prepare("INSERT INTO sandbox_event (sandbox, kind, at_ms, data) VALUES (?, ?, ?, ?)")
    .run(sandbox, kind, Date.now(), JSON.stringify(data));
}

/** Returns a page of a sandbox's events, oldest first. */
export function eventPage(
  store: SandboxStore,
  sandbox: string,
  query: PageQuery,
): Page<SandboxEvent> {
  return pageOf(
    `events of sandbox ${sandbox}`,
    query,
    ({ sequence }) => [sequence],
    (after, count) => eventsAfter(store, sandbox, Number(after?.[0] ?? 0), count),
  );
}

async function* events(
  store: SandboxStore,
  sandbox: string,
  { after = 0, follow = false, signal }: SandboxEventQuery,
): AsyncGenerator<SandboxEvent> {
  let last = after;
  let hasEnded = false;
  const isOver = (): boolean => signal?.aborted === true;
  while (!isOver()) {
    const found = eventsAfter(store, sandbox, last, BATCH);
    for (const event of found) {
      last = event.sequence;
      hasEnded ||= event.kind === "deleted";
      yield event;
      if (isOver()) return;
    }
    if (found.length === BATCH) continue;
    if (!follow || hasEnded) return;
    await pause(signal);
  }
}

/** Yields the events of the sandbox of an id, or of a name that one has which lives. */
export async function* eventsOf(
  store: SandboxStore,
  key: string,
  query: SandboxEventQuery,
): AsyncGenerator<SandboxEvent> {
  const { ledger } = store;
  const row = ledger.transaction.read(() => findRow(ledger.database, key));
  if (row === undefined || row.change === "create")
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot tell events of sandbox ${key}: there is none of that id or name, give the id of one that was deleted`,
    );
  yield* events(store, row.id, query);
}

function eventsAfter(
  { ledger }: SandboxStore,
  sandbox: string,
  after: number,
  count: number,
): SandboxEvent[] {
  const found = ledger.transaction.read(() =>
    ledger.database
      .prepare(
        "SELECT * FROM sandbox_event WHERE sandbox = ? AND sequence > ? ORDER BY sequence LIMIT ?",
      )
      .all(sandbox, after, count),
  ) as StoredEvent[];
  return found.map(({ sequence, kind, at_ms, data }) => ({
    sequence,
    sandboxId: sandbox,
    kind: kind as SandboxEventKind,
    at: new Date(at_ms),
    data: JSON.parse(data) as SandboxEvent["data"],
  }));
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, POLL_MS);
    signal?.addEventListener("abort", end);
  });
}
