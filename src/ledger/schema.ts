/**
 * The ledger's tables, by what they are about.
 */
import { SESSION_TABLE } from "../database/session-table.js";
import { AGENTS } from "./schema/agents.js";
import { PROFILES } from "./schema/profiles.js";
import { SANDBOXES } from "./schema/sandboxes.js";

/** The version of these tables together. */
export const LEDGER_VERSION = 1;

/** Marks a SQLite file as a ledger (`PRAGMA application_id`): the letters "Copl". */
export const LEDGER_ID = 0x436f_706c;

export const SCHEMA = SESSION_TABLE + AGENTS + SANDBOXES + PROFILES;
