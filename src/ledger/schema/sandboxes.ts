/**
 * The ledger's tables of sandboxes.
 *
 * - `sandbox`: one row for each, also after its end. `state` is what its processes are to be in; `change` is what is being
 *   done to it in several steps (create, pause, resume, delete), by `session`, or by nobody where that session died (L2).
 * - `sandbox_process`: programs that were started and have not been seen to end. Process ids are of one `boot` of the machine.
 * - `sandbox_snapshot`: `token` is also a label of the snapshot, so that it is found again where its session died before
 *   noting the id. `change` is `make` or `delete`, as above; what is to be deleted is listed no more.
 * - `sandbox_event`: what was done, in the order of `sequence`.
 */
export const SANDBOXES = `
  CREATE TABLE sandbox (
    id            TEXT PRIMARY KEY,
    name          TEXT,
    workspace     TEXT,
    base          TEXT,
    restored_from TEXT,
    state         TEXT NOT NULL,
    config        TEXT NOT NULL,
    isolation     TEXT NOT NULL,
    freezer       TEXT NOT NULL,
    boot          TEXT,
    change        TEXT,
    session       TEXT,
    created_ms    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX sandbox_name ON sandbox (name) WHERE state <> 'deleted';
  CREATE INDEX sandbox_order ON sandbox (created_ms, id);
  CREATE INDEX sandbox_change ON sandbox (change) WHERE change IS NOT NULL;

  CREATE TABLE sandbox_process (
    sandbox TEXT NOT NULL,
    pid     INTEGER NOT NULL,
    started TEXT NOT NULL,
    boot    TEXT NOT NULL,
    PRIMARY KEY (sandbox, pid, started, boot)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sandbox_snapshot (
    token      TEXT PRIMARY KEY,
    id         TEXT,
    sandbox    TEXT NOT NULL,
    name       TEXT,
    size_bytes INTEGER NOT NULL,
    settings   TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    change     TEXT,
    session    TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX sandbox_snapshot_id ON sandbox_snapshot (id) WHERE id IS NOT NULL;
  CREATE INDEX sandbox_snapshot_order ON sandbox_snapshot (created_ms, token);
  CREATE INDEX sandbox_snapshot_of ON sandbox_snapshot (sandbox, created_ms, token);
  CREATE INDEX sandbox_snapshot_change ON sandbox_snapshot (change) WHERE change IS NOT NULL;

  CREATE TABLE sandbox_event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    sandbox  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    data     TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sandbox_event_of ON sandbox_event (sandbox, sequence);
`;
