/**
 * Give back: what a session had begun is known to have ended.
 */
import type { Database } from "../database/sqlite.js";

/** Gives back what a session owned in the ledger, within a write transaction. */
export function giveBack(_database: Database, _session: string): void {
  // Each kind of work that outlives a call adds its own statement here.
}
