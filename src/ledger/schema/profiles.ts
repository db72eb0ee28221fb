/**
 * The ledger's tables of profiles.
 *
 * - `profile`: what is prepared under a name: `draft` as it may still be edited (JSON), `published` the version that counts.
 * - `profile_version`: a draft as it was published. `base` is a snapshot of its own that every job of it begins as, NULL where it is to
 *   be looked for each time (a directory, another profile); `snapshot` is the one that the last job that succeeded made. Both are pinned.
 * - `profile_job`: what makes such a snapshot; one at a time for each version. `session` is whose work it is, NULL while nobody's: of a
 *   running one that is one whose process died. `profile` is NULL of the test of a draft, which is gone with its end.
 * - `profile_output`: what setups wrote, piece by piece; pieces from the middle are left out of what is long (`cut_bytes`).
 * - `profile_release`: snapshots that no profile needs any more, until they are removed.
 */
export const PROFILES = `
  CREATE TABLE profile (
    name         TEXT PRIMARY KEY,
    draft        TEXT NOT NULL,
    published    INTEGER,
    next_version INTEGER NOT NULL,
    created_ms   INTEGER NOT NULL,
    changed_ms   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE profile_version (
    profile      TEXT NOT NULL,
    version      INTEGER NOT NULL,
    draft        TEXT NOT NULL,
    base         TEXT,
    snapshot     TEXT,
    published_ms INTEGER NOT NULL,
    PRIMARY KEY (profile, version)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE profile_job (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    profile    TEXT,
    version    INTEGER,
    reason     TEXT NOT NULL,
    state      TEXT NOT NULL,
    session    TEXT,
    attempts   INTEGER NOT NULL DEFAULT 0,
    queued_ms  INTEGER NOT NULL,
    started_ms INTEGER,
    ended_ms   INTEGER,
    exit_code  INTEGER,
    error      TEXT,
    snapshot   TEXT,
    cut_bytes  INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE UNIQUE INDEX profile_job_one ON profile_job (profile, version)
    WHERE state IN ('queued', 'running') AND profile IS NOT NULL;
  CREATE INDEX profile_job_of ON profile_job (profile, sequence);
  CREATE INDEX profile_job_open ON profile_job (state, sequence) WHERE state IN ('queued', 'running');

  CREATE TABLE profile_output (
    job   INTEGER NOT NULL,
    piece INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (job, piece)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE profile_release (
    snapshot TEXT PRIMARY KEY
  ) STRICT, WITHOUT ROWID;
`;
