/**
 * The catalog's tables. SQLite is the index of what the packs hold and the home of mutable names,
 * never the only copy of what a snapshot contains.
 */

/** The version of the store's format: packs, trees, records and these tables together. */
export const STORE_FORMAT_VERSION = 1;

/** Marks a SQLite file as a Coppice catalog (`PRAGMA application_id`): the letters "Copp". */
export const APPLICATION_ID = 0x436f_7070;

/**
 * - `chunk` is WITHOUT ROWID, keyed by the digest: one B-tree lookup, 64 bytes a row against 102.
 *   `place` is the rest of the chunk's row in its pack (pack/FORMAT.md) as it stands there.
 * - `recent_chunk` has the chunks of small commits for a while, one row a commit: `rows` are those of the chunks as they stand
 *   in the pack. What `chunk` says of a digest counts more (catalog/recent-chunks.ts).
 * - `pack.length` is the committed length: what lies beyond it belongs to the session that owns the
 *   pack or, where that died, to nobody. `pack.synced` is how much of that is on stable storage;
 *   `pack.boot` names the boot of the machine in which the rest was written. `pack.readable` is null, or
 *   how much of a damaged pack can be relied on: nothing is appended to such a one.
 *   `pack.retired` says that nothing of it counts any more and its file is to be removed. `pack.sealed` says that
 *   nothing is appended to it: behind its length lies what the catalog does not list, until a repair takes it in.
 * - `pack_check` says when a pack was checked last: `checked_ms` up to `checked` bytes by checksums, `deep_ms` up to `deep`
 *   by SHA-256 as well; and of a check that was interrupted when it began, up to where it came, and whether by SHA-256.
 * - `degraded` has the snapshots that miss something, and how many paths, as the last verification or repair found them.
 *   `pack.freed` is how much below its length was given back to the disk in place.
 * - `snapshot.erased_ms` is when content was erased from it last, or null.
 * - `pin` lists the snapshots that nothing removes.
 * - `session.overlays` says that its overlays may need what is removed. `hold` has what sessions need beside the snapshots.
 * - `merge_parent` has the parents of a merge beside the first one, so that other snapshots cost nothing more.
 * - `directory` lists what was captured or restored: only there may a restore write over something.
 * - `workspace.omit` lists the paths that no snapshot of it has, as Latin-1. `workspace_omit` leaves out those without any.
 * - `layer` says of which root's image another one's differs little: a workspace of it lies on that image.
 * - AUTOINCREMENT: the number of a deleted pack is never given again.
 * - `snapshot_name` leaves out those that have none: each index costs a page of the log a snapshot.
 */
export const SCHEMA = `
  CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;

  CREATE TABLE session (
    id         TEXT PRIMARY KEY,
    pid        INTEGER NOT NULL,
    host       TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    overlays   INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE hold (
    session TEXT NOT NULL,
    digest  BLOB NOT NULL,
    role    TEXT NOT NULL,
    PRIMARY KEY (session, digest, role)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE pack (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL UNIQUE,
    length   INTEGER NOT NULL,
    synced   INTEGER NOT NULL,
    session  TEXT,
    boot     TEXT,
    readable INTEGER,
    retired  INTEGER NOT NULL DEFAULT 0,
    sealed   INTEGER NOT NULL DEFAULT 0,
    freed    INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE pack_check (
    pack       INTEGER PRIMARY KEY,
    checked_ms INTEGER NOT NULL,
    checked    INTEGER NOT NULL,
    deep_ms    INTEGER NOT NULL,
    deep       INTEGER NOT NULL,
    begun_ms   INTEGER NOT NULL,
    done       INTEGER NOT NULL,
    is_deep    INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE degraded (
    snapshot TEXT PRIMARY KEY,
    paths    INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE chunk (
    digest BLOB PRIMARY KEY,
    pack   INTEGER NOT NULL REFERENCES pack (id),
    place  BLOB NOT NULL CHECK (length(place) = 24)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE recent_chunk (
    sequence INTEGER PRIMARY KEY,
    pack     INTEGER NOT NULL,
    rows     BLOB NOT NULL CHECK (length(rows) % 56 = 0)
  ) STRICT;

  CREATE TABLE snapshot (
    sequence     INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    digest       BLOB NOT NULL,
    state_digest BLOB NOT NULL,
    record       BLOB NOT NULL,
    parent       TEXT,
    name         TEXT,
    labels       TEXT NOT NULL,
    source       TEXT NOT NULL,
    filter       TEXT NOT NULL,
    created_ms   INTEGER NOT NULL,
    entry_count  INTEGER NOT NULL,
    total_bytes  INTEGER NOT NULL,
    erased_ms    INTEGER
  ) STRICT;

  CREATE TABLE pin (
    snapshot  TEXT PRIMARY KEY,
    note      TEXT,
    pinned_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE merge_parent (
    snapshot TEXT NOT NULL,
    position INTEGER NOT NULL,
    parent   TEXT NOT NULL,
    PRIMARY KEY (snapshot, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE directory (
    path     TEXT PRIMARY KEY,
    identity TEXT NOT NULL
  ) STRICT;

  CREATE TABLE workspace (
    id         TEXT PRIMARY KEY,
    path       TEXT NOT NULL UNIQUE,
    name       TEXT UNIQUE,
    driver     TEXT NOT NULL,
    base       TEXT NOT NULL,
    head       TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    boot       TEXT,
    read_only  INTEGER NOT NULL,
    whole      INTEGER NOT NULL,
    passed     TEXT NOT NULL,
    layer      TEXT NOT NULL,
    omit       TEXT NOT NULL
  ) STRICT;

  CREATE TABLE layer (
    root   BLOB PRIMARY KEY,
    anchor BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE UNIQUE INDEX snapshot_name ON snapshot (name) WHERE name IS NOT NULL;
  CREATE INDEX snapshot_digest ON snapshot (digest);
  CREATE INDEX snapshot_parent ON snapshot (parent);
  CREATE INDEX merge_parent_parent ON merge_parent (parent);
  CREATE INDEX workspace_omit ON workspace (path, omit) WHERE omit <> '[]';
`;
