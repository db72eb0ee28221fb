/**
 * Ledger: the database of what is built on snapshots: names and versions of agents, sandboxes, profiles and their jobs. The
 * engine knows nothing of it; what it names are ids of snapshots and workspaces.
 *
 * Invariants:
 * (L1) What the ledger says exists has its snapshots: these were committed, and pinned where nothing else may remove them,
 *      before the ledger's row. What is deleted loses its row before its snapshots go.
 * (L2) What a session does in several steps is noted in a row with the session's id before the first step. Whoever begins to
 *      write next finds the rows of sessions that died, and ends or takes back what they had begun.
 */
import { join } from "node:path";
import { OwnDatabase } from "../database/own-database.js";
import { giveBack } from "./give-back.js";
import { LEDGER_ID, LEDGER_VERSION, SCHEMA } from "./schema.js";

/** Everything that lies beside the catalog and is not the engine's. */
const DIRECTORY = "ledger";

export class Ledger extends OwnDatabase {
  /**
   * Opens the ledger of a store, and makes it where there is none.
   *
   * @param storeDirectory absolute
   * @throws {CoppiceError} STORE_TOO_NEW, NOT_A_STORE, STORE_BUSY, CORRUPT, DISK_FULL, IO, UNSUPPORTED
   */
  constructor(storeDirectory: string) {
    const kind = {
      name: "ledger",
      applicationId: LEDGER_ID,
      version: LEDGER_VERSION,
      schema: SCHEMA,
      remedy: "put it aside, or back from a copy: snapshots are not in it",
    };
    super(join(storeDirectory, DIRECTORY, "ledger.sqlite"), kind, giveBack);
  }
}
