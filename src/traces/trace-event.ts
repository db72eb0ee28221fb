/**
 * Trace event: one thing that an agent did, as it is given and as it is kept.
 */

/** One thing that an agent did, as it is recorded. */
export interface TraceEvent {
  /** What sort of thing it was: `tool`, `model`, `turn`, or any other word. */
  readonly kind: string;
  /** The agent's name. */
  readonly name?: string | undefined;
  /** The agent's version; only with its name. */
  readonly version?: number | undefined;
  /** The id of the snapshot that the agent started from or worked on. */
  readonly snapshot?: string | undefined;
  /** The id of the sandbox that it worked in. */
  readonly sandbox?: string | undefined;
  /** The tool that was called. */
  readonly tool?: string | undefined;
  /** How long it took, to the microsecond: 0 to 10^12. */
  readonly durationMs?: number | undefined;
  /** Whether it succeeded. */
  readonly ok?: boolean | undefined;
  /** When it happened. @default now */
  readonly at?: Date | undefined;
  /** Whatever else is to be kept: a JSON value of at most 64 KiB of UTF-8. */
  readonly data?: unknown;
}

/** One thing that an agent did, as it was recorded. */
export interface RecordedTraceEvent extends TraceEvent {
  /** Names it among the store's events; later ones have larger ones. */
  readonly id: number;
  /** When it happened, or was recorded. */
  readonly at: Date;
}

/** An event as its row has it, but for names that are not words' ids yet. */
export interface EventRow {
  readonly kind: string;
  readonly name: string | null;
  readonly version: number | null;
  readonly snapshot: string | null;
  readonly sandbox: string | null;
  readonly tool: string | null;
  readonly durationUs: number | null;
  readonly ok: 0 | 1 | null;
  readonly atMs: number;
  readonly data: string | null;
}

/** Bytes of one event's data: a tool's output belongs into a file. */
const DATA_BYTES_MAX = 64 * 1024;
const TEXT_CHARACTERS_MAX = 255;
/** Thirty years; in microseconds, four times over, it is still a whole number. */
const DURATION_MS_MAX = 1e12;

const TEXTS = ["kind", "name", "snapshot", "sandbox", "tool"] as const;
const MEMBERS: readonly string[] = [...TEXTS, "version", "durationMs", "ok", "at", "data"];

/**
 * Returns an event as its row has it.
 *
 * @throws {TypeError} where a member is of another type, or unknown
 * @throws {RangeError} where it is out of its range
 */
export function eventRow(event: TraceEvent): EventRow {
  if (typeof event !== "object" || event === null)
    throw new TypeError(`Cannot record event: give an object, not ${JSON.stringify(event)}`);
  for (const member of Object.keys(event)) {
    if (!MEMBERS.includes(member))
      throw new TypeError(`Cannot record event: it has no ${member}, but ${MEMBERS.join(", ")}`);
  }
  if (event.kind === undefined) throw new TypeError("Cannot record event: it lacks its kind");
  for (const member of TEXTS) checkText(member, event[member]);
  const { kind, name, version, snapshot, sandbox, tool, durationMs, ok, at, data } = event;
  checkVersion(name, version);
  if (ok !== undefined && typeof ok !== "boolean") throw refused("ok", ok, "true or false");
  return {
    kind,
    name: name ?? null,
    version: version ?? null,
    snapshot: snapshot ?? null,
    sandbox: sandbox ?? null,
    tool: tool ?? null,
    durationUs: durationMs === undefined ? null : microseconds(durationMs),
    ok: ok === undefined ? null : ok ? 1 : 0,
    atMs: at === undefined ? Date.now() : checkTime("at", at),
    data: data === undefined ? null : jsonOf(data),
  };
}

/** @throws {TypeError} unless it is absent or 1 to 255 characters without control characters */
export function checkText(member: string, text: string | undefined): void {
  if (text === undefined) return;
  const isText =
    typeof text === "string" &&
    text.length > 0 &&
    text.length <= TEXT_CHARACTERS_MAX &&
    !/\p{Cc}/u.test(text);
  if (isText) return;
  const wanted = `1 to ${TEXT_CHARACTERS_MAX} characters without control characters`;
  throw refused(member, text, wanted);
}

/** @throws {TypeError} unless it is absent, or a whole number of at least 1 beside a name */
export function checkVersion(name: string | undefined, version: number | undefined): void {
  if (version === undefined) return;
  if (!Number.isSafeInteger(version) || version < 1)
    throw refused("version", version, "a whole number from 1 on");
  if (name === undefined)
    throw new TypeError(`Cannot use version ${version}: give the agent's name with it`);
}

/** Returns a time in milliseconds. */
export function checkTime(member: string, at: Date): number {
  const time = at instanceof Date ? at.getTime() : Number.NaN;
  if (Number.isNaN(time)) throw refused(member, at, "a Date");
  return time;
}

function microseconds(durationMs: number): number {
  if (typeof durationMs !== "number") throw refused("durationMs", durationMs, "a number");
  if (durationMs >= 0 && durationMs <= DURATION_MS_MAX) return Math.round(durationMs * 1_000);
  throw new RangeError(
    `Cannot use durationMs ${durationMs}: give milliseconds from 0 to ${DURATION_MS_MAX}`,
  );
}

function jsonOf(data: unknown): string {
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined) throw refused("data", typeof data, "a JSON value");
  const bytes = Buffer.byteLength(text);
  if (bytes <= DATA_BYTES_MAX) return text;
  throw new RangeError(
    `Cannot use data of ${bytes} bytes: give at most ${DATA_BYTES_MAX}, and keep the rest in a file`,
  );
}

function refused(member: string, value: unknown, wanted: string): TypeError {
  return new TypeError(`Cannot use ${member} ${JSON.stringify(value)}: give ${wanted}`);
}
