/**
 * Give back: what a session had begun is known to have ended.
 */
import type { Database } from "../database/sqlite.js";

/** Gives back what a session owned in the ledger, within a write transaction. */
export function giveBack(database: Database, session: string): void {
  // Whoever uses profiles next cleans up after it and puts it back (profile/settle).
  database.prepare("UPDATE profile_job SET session = NULL WHERE session = ?").run(session);
  // Its snapshots are removed by whoever changes agents next (registry/release-snapshots).
  database.prepare("UPDATE upload SET session = NULL WHERE session = ?").run(session);
  // Whoever uses sandboxes next ends or takes back what is nobody's (sandbox/settle).
  for (const table of ["sandbox", "sandbox_snapshot"])
    database.prepare(`UPDATE ${table} SET session = NULL WHERE session = ?`).run(session);
}
