/**
 * Record lines: events as lines of JSON, as they come.
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { TraceEvent, Traces } from "../index.js";
import { CoppiceError } from "../model/error.js";

/** Lines that are recorded together. */
const BATCH_LINES = 1_000;

/**
 * Records one event for each line that is not empty; `at` is a time as `Date` reads it.
 *
 * @returns how many
 * @throws {CoppiceError} INVALID_ARGUMENT, naming the line; those before it are recorded
 */
export async function recordLines(traces: Traces, source: Readable): Promise<number> {
  let recorded = 0;
  let number = 0;
  let batch: { readonly number: number; readonly event: TraceEvent }[] = [];
  const record = async (): Promise<void> => {
    const lines = batch;
    batch = [];
    const done = await Promise.allSettled(lines.map(({ event }) => traces.record(event)));
    for (const [index, each] of done.entries()) {
      if (each.status === "fulfilled") recorded++;
      else throw explain(lines[index]!.number, each.reason);
    }
  };
  for await (const line of createInterface({ input: source })) {
    number++;
    if (line.trim() === "") continue;
    let event: TraceEvent;
    try {
      event = parseEvent(line);
    } catch (error) {
      await record();
      throw explain(number, error);
    }
    batch.push({ number, event });
    if (batch.length >= BATCH_LINES) await record();
  }
  await record();
  return recorded;
}

function parseEvent(line: string): TraceEvent {
  const event = JSON.parse(line) as TraceEvent & { readonly at?: string | number };
  if (typeof event !== "object" || event === null || event.at === undefined) return event;
  return { ...event, at: new Date(event.at) };
}

/** What is wrong with a line is the line's fault, not the program's. */
function explain(number: number, error: unknown): unknown {
  const isLine =
    error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError;
  if (!isLine) return error;
  const message = `Cannot record line ${number}: ${error.message}; those before it are recorded`;
  return new CoppiceError("INVALID_ARGUMENT", message, { cause: error });
}
