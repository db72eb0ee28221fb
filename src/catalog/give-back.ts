/**
 * Give back: what a session owned is anybody's, or nobody's.
 */
import type { Database } from "../database/sqlite.js";

/** Gives back what a session owned, within a write transaction: its packs, and what it held. */
export function giveBack(database: Database, session: string): void {
  database.prepare("UPDATE pack SET session = NULL WHERE session = ?").run(session);
  database.prepare("DELETE FROM hold WHERE session = ?").run(session);
}
