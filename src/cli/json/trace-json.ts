import type { RecordedTraceEvent } from "../../index.js";

/** Returns what JSON tells of an event; members that it lacks are `null`. */
export function traceJson(event: RecordedTraceEvent) {
  return {
    id: event.id,
    at: event.at.toISOString(),
    kind: event.kind,
    name: event.name ?? null,
    version: event.version ?? null,
    snapshot: event.snapshot ?? null,
    sandbox: event.sandbox ?? null,
    tool: event.tool ?? null,
    durationMs: event.durationMs ?? null,
    ok: event.ok ?? null,
    data: event.data ?? null,
  };
}
