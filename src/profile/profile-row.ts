/**
 * Profile row: profiles and their published versions as the ledger has them, and as they are told.
 */
import type { Database } from "../database/sqlite.js";
import { CoppiceError } from "../model/error.js";
import type { JobState } from "./job-row.js";
import { lastJob, stateOf } from "./job-row.js";
import type { StoredDraft } from "./profile-draft.js";

/** A prepared image, or what is to become one. */
export interface Profile {
  /** Its name. */
  readonly name: string;
  /** What is published next; a snapshot that was given is told by its id. */
  readonly draft: StoredDraft;
  /** The version that counts; missing where none was published. */
  readonly version?: number;
  /** The state of that version's last job; `draft` where none was published. */
  readonly state: JobState | "draft";
  /** The id of the snapshot that is used: of the newest version that has one; missing where there is none. */
  readonly snapshot?: string;
  /** When it was first defined. */
  readonly createdAt: Date;
  /** When it was defined or published last. */
  readonly changedAt: Date;
}

/** A draft as it was published; it never changes. */
export interface ProfileVersion {
  /** The profile's name. */
  readonly name: string;
  /** Counted up from 1. */
  readonly version: number;
  /** What was published. */
  readonly draft: StoredDraft;
  /** The id of its ready snapshot; missing where there is none, or that of a later version took its place. */
  readonly snapshot?: string;
  /** When it was published. */
  readonly publishedAt: Date;
}

/** A row of `profile`. */
export interface ProfileRow {
  readonly name: string;
  readonly draft: string;
  readonly published: number | null;
  readonly next_version: number;
  readonly created_ms: number;
  readonly changed_ms: number;
}

/** A row of `profile_version`. */
export interface VersionRow {
  readonly profile: string;
  readonly version: number;
  readonly draft: string;
  readonly base: string | null;
  readonly snapshot: string | null;
  readonly published_ms: number;
}

/** @throws {CoppiceError} NOT_FOUND */
export function requireProfile(database: Database, name: string): ProfileRow {
  const row = database.prepare("SELECT * FROM profile WHERE name = ?").get(name);
  if (row !== undefined) return row as ProfileRow;
  throw new CoppiceError(
    "NOT_FOUND",
    `Cannot find profile ${name}: there is none of that name, define it or list the profiles`,
  );
}

/** Returns a published version; `undefined` where it is gone. */
export function findVersion(
  database: Database,
  name: string,
  version: number,
): VersionRow | undefined {
  return database
    .prepare("SELECT * FROM profile_version WHERE profile = ? AND version = ?")
    .get(name, version) as VersionRow | undefined;
}

/** Returns the newest version that has a ready snapshot. */
export function readyVersion(database: Database, name: string): VersionRow | undefined {
  return database
    .prepare(
      "SELECT * FROM profile_version WHERE profile = ? AND snapshot IS NOT NULL ORDER BY version DESC LIMIT 1",
    )
    .get(name) as VersionRow | undefined;
}

/** Returns a profile as it is told. */
export function profileOf(database: Database, row: ProfileRow): Profile {
  const { name, published } = row;
  const job = published === null ? undefined : lastJob(database, name, published);
  const ready = readyVersion(database, name);
  return {
    name,
    draft: JSON.parse(row.draft) as StoredDraft,
    ...(published !== null && { version: published }),
    state: job === undefined ? "draft" : stateOf(job),
    ...(ready !== undefined && { snapshot: ready.snapshot as string }),
    createdAt: new Date(row.created_ms),
    changedAt: new Date(row.changed_ms),
  };
}

/** Returns a version as it is told. */
export function versionOf(row: VersionRow): ProfileVersion {
  return {
    name: row.profile,
    version: row.version,
    draft: JSON.parse(row.draft) as StoredDraft,
    ...(row.snapshot !== null && { snapshot: row.snapshot }),
    publishedAt: new Date(row.published_ms),
  };
}
