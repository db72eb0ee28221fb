/**
 * The ledger's tables of agents.
 *
 * - `agent.next_version` never goes back: the number of a deleted version is not given again. `agent.latest` is the highest version
 *   that is there, null where none is. `agent_listed` leaves out the names that have none.
 * - `agent_version` is keyed by name and number, so that the versions of a name lie together and in order. `snapshot` and `bundle` are
 *   ids of pinned snapshots, which are the version's own. `entrypoint`, `labels` and `auth` are JSON.
 * - `agent_tag` has what is set by hand; `latest` is no row of it.
 * - `upload` has the uploads that are under way, by which the snapshots are labelled that they make. `session` is null once that died.
 * - `released_snapshot` has the snapshots of versions that are gone: they are still to be unpinned and removed.
 * - `registry_limits` has one row, JSON, where limits were set.
 */
export const AGENTS = `
  CREATE TABLE agent (
    name         TEXT PRIMARY KEY,
    next_version INTEGER NOT NULL,
    latest       INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE agent_version (
    name            TEXT NOT NULL,
    version         INTEGER NOT NULL,
    id              TEXT NOT NULL UNIQUE,
    digest          TEXT NOT NULL,
    snapshot        TEXT NOT NULL,
    snapshot_digest TEXT NOT NULL,
    bundle          TEXT,
    size_bytes      INTEGER,
    entry_count     INTEGER NOT NULL,
    total_bytes     INTEGER NOT NULL,
    runtime         TEXT,
    entrypoint      TEXT NOT NULL,
    labels          TEXT NOT NULL,
    auth            TEXT NOT NULL,
    created_ms      INTEGER NOT NULL,
    PRIMARY KEY (name, version)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE agent_tag (
    name    TEXT NOT NULL,
    tag     TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (name, tag)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE upload (
    id      TEXT PRIMARY KEY,
    session TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE released_snapshot (
    snapshot TEXT PRIMARY KEY
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE registry_limits (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    limits TEXT NOT NULL
  ) STRICT;

  CREATE INDEX agent_listed ON agent (name, latest) WHERE latest IS NOT NULL;
  CREATE INDEX agent_tag_version ON agent_tag (name, version, tag);
`;
