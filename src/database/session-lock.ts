/**
 * Session locks: which processes have one of the databases open, told by locks that die with them.
 *
 * Invariants:
 * (S1) A session begins with the first write. Its row exists from before it owns anything (a pack, a job) until after it gave the last one back.
 * (S2) A session lives exactly as long as its lock: an exclusive transaction on an empty SQLite file,
 *      that is a POSIX lock which the kernel releases when the process ends, however it ends. It holds
 *      across pid namespaces (containers that share a store), where a pid would mislead.
 * (S3) What a dead session owned is given back only by the process that holds its lock meanwhile.
 */

import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeOwnFile } from "../disk/own-files.js";
import { openSqlite } from "./sqlite.js";

/** A session's lock, held. */
export interface SessionLock {
  readonly id: string;
  release(): void;
}

/** A session's lock file, as this module names them. */
const LOCK_FILE = /^([0-9a-f]{16})\.lock$/;

export function newSessionId(): string {
  return randomBytes(8).toString("hex");
}

/** Starts a session in a directory for locks: takes one that ends with this process. */
export function startSession(directory: string, id: string): SessionLock {
  // SQLite would let everyone read it. Before the lock is taken: to close a file ends this process's locks on it.
  makeOwnFile(join(directory, `${id}.lock`));
  const lock = tryLock(directory, id);
  if (lock === undefined) throw new Error("A new session's lock is free");
  return lock;
}

/** Returns the lock of a session that died, or `undefined` while it lives. */
export function tryLock(directory: string, id: string): SessionLock | undefined {
  const file = join(directory, `${id}.lock`);
  const database = openSqlite(file, { timeout: 0 });
  try {
    // A rollback journal in memory: nothing is ever written, only the lock counts.
    database.pragma("journal_mode = MEMORY");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY")) return undefined;
    throw error;
  }
  return {
    id,
    release() {
      try {
        rmSync(file, { force: true });
      } catch {
        // On a disk that has become read-only, for instance: a file without a lock, which the next one that writes removes.
      } finally {
        database.close();
      }
    },
  };
}

/**
 * Removes the locks of sessions that died before they had a row, or after.
 *
 * @param listed sessions that have one; while this runs, no other may start
 */
export function clearStrayLocks(directory: string, listed: readonly string[]): void {
  for (const name of readdirSync(directory)) {
    const id = LOCK_FILE.exec(name)?.[1];
    if (id !== undefined && !listed.includes(id)) tryLock(directory, id)?.release();
  }
}

/** The row that tells people who a session is. */
export function sessionRow(id: string, nowMs: number): [string, number, string, number] {
  return [id, process.pid, hostname(), nowMs];
}
