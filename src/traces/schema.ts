/**
 * The tables of traces.
 *
 * - `word`: names of agents, kinds and tools, each once: they are few, and every index has them.
 * - `event`: what happened; NULL where it was not told. `seq` tells events of one millisecond apart.
 *
 * Lists go by time, so every index ends in `at_ms, seq`. Behind these stand the columns that lists are filtered by and that
 * figures are made of: neither opens a row that it does not return.
 */
import type { DatabaseKind } from "../database/open-database-file.js";
import { SESSION_TABLE } from "../database/session-table.js";

/** Marks a SQLite file as traces (`PRAGMA application_id`): the letters "Copt". */
const TRACES_ID = 0x436f_7074;

const SCHEMA = `
  ${SESSION_TABLE}
  CREATE TABLE word (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE event (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms       INTEGER NOT NULL,
    name        INTEGER,
    version     INTEGER,
    sandbox     TEXT,
    snapshot    TEXT,
    kind        INTEGER NOT NULL,
    tool        INTEGER,
    duration_us INTEGER,
    ok          INTEGER,
    data        TEXT
  ) STRICT;

  CREATE INDEX event_by_time ON event (at_ms, seq, kind, tool, ok, duration_us);
  CREATE INDEX event_by_name ON event (name, at_ms, seq, kind, tool, ok, duration_us)
    WHERE name IS NOT NULL;
  CREATE INDEX event_by_version ON event (name, version, at_ms, seq, kind, tool, ok, duration_us)
    WHERE version IS NOT NULL;
  CREATE INDEX event_by_sandbox ON event (sandbox, at_ms, seq) WHERE sandbox IS NOT NULL;
  CREATE INDEX event_by_snapshot ON event (snapshot, at_ms, seq) WHERE snapshot IS NOT NULL;
`;

export const TRACES: DatabaseKind = {
  name: "traces",
  applicationId: TRACES_ID,
  version: 1,
  schema: SCHEMA,
  remedy: "remove it: nothing else needs it, and the next event begins a new one",
};
