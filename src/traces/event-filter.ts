/**
 * Event filter: which events are meant, as conditions on their rows, and the index that has them in the order of time.
 */
import { checkText, checkTime, checkVersion } from "./trace-event.js";
import type { WordTable } from "./word-table.js";

/** Which events are meant: those of which all holds that is given. */
export interface TraceFilter {
  /** The agent's name. */
  readonly name?: string | undefined;
  /** The agent's version; only with its name. */
  readonly version?: number | undefined;
  /** The id of the sandbox. */
  readonly sandbox?: string | undefined;
  /** The id of the snapshot. */
  readonly snapshot?: string | undefined;
  /** What sort of thing it was. */
  readonly kind?: string | undefined;
  /** The tool that was called. */
  readonly tool?: string | undefined;
  /** Whether it succeeded; events that do not tell are neither. */
  readonly ok?: boolean | undefined;
  /** From this moment on. */
  readonly since?: Date | undefined;
  /** Before this moment. */
  readonly until?: Date | undefined;
}

/** A filter in SQL. */
export interface EventConditions {
  /** What stands between `FROM` and further conditions, which begin with `AND`. */
  readonly source: string;
  readonly parameters: readonly (string | number)[];
}

/**
 * Returns a filter in SQL; `undefined` where it has a word that no event ever had.
 *
 * @throws {TypeError} where it is none
 */
export function eventConditions(
  filter: TraceFilter,
  words: WordTable,
): EventConditions | undefined {
  checkFilter(filter);
  const { name, version, sandbox, snapshot, kind, tool, ok, since, until } = filter;
  const named = Object.entries({ name, kind, tool }).filter(([, text]) => text !== undefined);
  const numbered = named.map(([column, text]) => [column, words.find(text as string)] as const);
  if (numbered.some(([, number]) => number === undefined)) return undefined;
  const equal = Object.entries({
    ...Object.fromEntries(numbered),
    version,
    sandbox,
    snapshot,
    ok: ok === undefined ? undefined : Number(ok),
  }).filter(([, value]) => value !== undefined);
  const conditions = equal.map(([column]) => `${column} = ?`);
  const parameters = equal.map(([, value]) => value as string | number);
  if (since !== undefined) conditions.push("at_ms >= ?");
  if (until !== undefined) conditions.push("at_ms < ?");
  for (const time of [since, until]) if (time !== undefined) parameters.push(time.getTime());
  const where = conditions.length === 0 ? "TRUE" : conditions.join(" AND ");
  return { source: `event INDEXED BY ${indexFor(filter)} WHERE ${where}`, parameters };
}

/** The planner has no figures to choose by; what leaves the fewest events comes first. */
function indexFor({ name, version, sandbox, snapshot }: TraceFilter): string {
  if (sandbox !== undefined) return "event_by_sandbox";
  if (snapshot !== undefined) return "event_by_snapshot";
  if (version !== undefined) return "event_by_version";
  return name === undefined ? "event_by_time" : "event_by_name";
}

function checkFilter({ ok, since, until, name, version, ...texts }: TraceFilter): void {
  const { sandbox, snapshot, kind, tool } = texts;
  for (const [member, text] of Object.entries({ name, sandbox, snapshot, kind, tool }))
    checkText(member, text);
  checkVersion(name, version);
  if (ok !== undefined && typeof ok !== "boolean")
    throw new TypeError(`Cannot use ok ${JSON.stringify(ok)}: give true or false`);
  if (since !== undefined) checkTime("since", since);
  if (until !== undefined) checkTime("until", until);
}
