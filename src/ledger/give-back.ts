/**
 * Give back: what a session had begun is known to have ended.
 */
import type { Database } from "../database/sqlite.js";

/** Gives back what a session owned in the ledger, within a write transaction. */
export function giveBack(database: Database, session: string): void {
  // Whoever uses profiles next cleans up after it and puts it back (profile/settle).
  database.prepare("UPDATE profile_job SET session = NULL WHERE session = ?").run(session);
}
