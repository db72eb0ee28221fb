/**
 * The ledger's tables, by what they are about.
 */
import { AGENTS } from "./schema/agents.js";
import { PROFILES } from "./schema/profiles.js";
import { SANDBOXES } from "./schema/sandboxes.js";

/** The version of these tables together. */
export const LEDGER_VERSION = 1;

/** Marks a SQLite file as a ledger (`PRAGMA application_id`): the letters "Copl". */
export const LEDGER_ID = 0x436f_706c;

/** - `session`: who works on the ledger (database/session-table). */
const SESSIONS = `
  CREATE TABLE session (
    id         TEXT PRIMARY KEY,
    pid        INTEGER NOT NULL,
    host       TEXT NOT NULL,
    started_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

export const SCHEMA = SESSIONS + AGENTS + SANDBOXES + PROFILES;
