/** How SQLite goes about queries: by an index, never through all rows. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { OwnDatabase } from "#dist/database/own-database.js";
import type { TraceFilter } from "#dist/index.js";
import { eventConditions } from "#dist/traces/event-filter.js";
import { TRACES } from "#dist/traces/schema.js";
import { WordTable } from "#dist/traces/word-table.js";
import { scratchDirectory } from "../support/scratch.js";

const FILTERS: readonly TraceFilter[] = [
  { name: "a", version: 1 },
  { name: "a", version: 1, tool: "a", ok: true, kind: "a" },
  { name: "a", version: 1, since: new Date(1), until: new Date(2) },
  { name: "a" },
  { name: "a", since: new Date(1) },
  { sandbox: "a" },
  { sandbox: "a", name: "a", version: 1, tool: "a" },
  { snapshot: "a", since: new Date(1) },
  { since: new Date(1), until: new Date(2) },
];

/** What `EXPLAIN QUERY PLAN` says of a statement. */
function plansOf(statementOf: (source: string) => string): (readonly [TraceFilter, string])[] {
  const traces = new OwnDatabase(
    join(scratchDirectory(), "traces.sqlite"),
    TRACES,
    () => undefined,
  );
  const words = new WordTable(traces.database);
  traces.transaction.run(() => words.put("a"));
  const plans = FILTERS.map((filter) => {
    const { source, parameters } = eventConditions(filter, words)!;
    const rows = traces.database
      .prepare(`EXPLAIN QUERY PLAN ${statementOf(source)}`)
      .all(...parameters, 1, 1) as { readonly detail: string }[];
    return [filter, rows.map(({ detail }) => detail).join("; ")] as const;
  });
  traces.close();
  return plans;
}

test("a page is found by an index in the order of time: nothing is scanned, nothing is sorted", () => {
  const plans = plansOf(
    (source) =>
      `SELECT * FROM ${source} AND (at_ms, seq) < (?, ?) ORDER BY at_ms DESC, seq DESC LIMIT 5`,
  );
  for (const [filter, plan] of plans) {
    expect(plan, JSON.stringify(filter)).toMatch(
      /^SEARCH event USING INDEX event_by_\w+ \(.*at_ms.*\)$/,
    );
  }
});

test("figures of an agent are taken from an index alone", () => {
  const plans = plansOf(
    (source) =>
      `SELECT group_concat(coalesce(tool, 0)), group_concat(duration_us + coalesce(ok, 2)) FROM ${source} AND (at_ms, seq) > (?, ?)`,
  );
  for (const [filter, plan] of plans) {
    const isSubject = filter.sandbox !== undefined || filter.snapshot !== undefined;
    const index = isSubject ? "INDEX" : "COVERING INDEX";
    expect(plan, JSON.stringify(filter)).toMatch(
      new RegExp(`^SEARCH event USING ${index} event_by_\\w+ \\(`),
    );
  }
});
