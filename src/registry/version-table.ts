/**
 * Version table: the agents, their versions and tags, in the ledger.
 *
 * Invariants:
 * (A1) A number is given once for each name, whatever is deleted.
 * (A2) A snapshot that a version had is in `released_snapshot` from the transaction on that deletes the version, until it is gone.
 */
import type { Ledger } from "../ledger/ledger.js";
import type { PageQuery, SortKey } from "../ledger/page.js";
import { pageOf } from "../ledger/page.js";
import type { Digest } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import type { AgentAuth } from "./agent-auth.js";
import type { AgentVersion, Entrypoint, VersionReference } from "./agent-version.js";
import { versionText } from "./agent-version.js";

/** A version as the ledger keeps it. */
export interface VersionRow extends AgentVersion {
  /** Id of the snapshot with the bundle's bytes. */
  readonly bundle: string | undefined;
}

/** One that is to be counted. */
export type NewVersion = Omit<VersionRow, "version" | "tags">;

export const LATEST = "latest";
/** The name of the file with a bundle's bytes, in a snapshot that has nothing else. */
export const BUNDLE_FILE = "bundle";

const SELECT = `SELECT version.id, version.name, version.version, digest, snapshot, snapshot_digest AS snapshotDigest, bundle,
  size_bytes AS sizeBytes, entry_count AS entryCount, total_bytes AS totalBytes, runtime, entrypoint, labels, auth,
  created_ms AS createdMs, agent.latest = version.version AS isLatest,
  (SELECT json_group_array(tag) FROM agent_tag
    WHERE agent_tag.name = version.name AND agent_tag.version = version.version) AS tags
  FROM agent_version AS version JOIN agent ON agent.name = version.name`;

export class VersionTable {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Returns a version, or `undefined`. */
  find({ name, version, tag = LATEST }: VersionReference): VersionRow | undefined {
    if (version !== undefined)
      return this.#one(`${SELECT} WHERE version.name = ? AND version.version = ?`, name, version);
    if (tag === LATEST)
      return this.#one(`${SELECT} AND version.version = agent.latest WHERE agent.name = ?`, name);
    return this.#one(
      `${SELECT} JOIN agent_tag ON agent_tag.name = version.name AND agent_tag.version = version.version
       WHERE agent_tag.name = ? AND agent_tag.tag = ?`,
      name,
      tag,
    );
  }

  /** Returns the version of an id, or `undefined`. */
  findById(id: string): VersionRow | undefined {
    return this.#one(`${SELECT} WHERE version.id = ?`, id);
  }

  /** @throws {CoppiceError} NOT_FOUND, telling what is there */
  require(reference: VersionReference): VersionRow {
    const row = this.find(reference);
    if (row !== undefined) return row;
    const { name } = reference;
    const latest = this.find({ name });
    const why =
      latest === undefined
        ? `there is no agent ${JSON.stringify(name)}, list the agents`
        : `the latest version is ${latest.version}, its tags are ${this.#tagsOf(name).join(", ")}`;
    throw new CoppiceError("NOT_FOUND", `Cannot find ${versionText(reference)}: ${why}`);
  }

  /** Returns the latest version of each agent, by name. */
  agents(query: PageQuery) {
    const keyOf = ({ name }: VersionRow): SortKey => [name];
    return pageOf("agents", query, keyOf, (after, count) =>
      this.#all(
        `${SELECT} AND version.version = agent.latest
         WHERE agent.latest IS NOT NULL AND agent.name > ? ORDER BY agent.name LIMIT ?`,
        after?.[0] ?? "",
        count,
      ),
    );
  }

  /** Returns an agent's versions, newest first. */
  versions(name: string, query: PageQuery) {
    const keyOf = ({ version }: VersionRow): SortKey => [version];
    return pageOf(`versions of ${name}`, query, keyOf, (after, count) =>
      this.#all(
        `${SELECT} WHERE version.name = ? AND version.version < ? ORDER BY version.version DESC LIMIT ?`,
        name,
        after?.[0] ?? Number.MAX_SAFE_INTEGER,
        count,
      ),
    );
  }

  /** Counts a version and makes it the latest; within a write transaction. */
  add(row: NewVersion): VersionRow {
    const { name } = row;
    this.#run("INSERT OR IGNORE INTO agent VALUES (?, 1, NULL)", name);
    const version = this.#ledger.database
      .prepare("SELECT next_version FROM agent WHERE name = ?")
      .pluck()
      .get(name) as number;
    this.#run(
      "INSERT INTO agent_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      name,
      version,
      row.id,
      row.digest,
      row.snapshot,
      row.snapshotDigest,
      row.bundle ?? null,
      row.sizeBytes ?? null,
      row.entryCount,
      row.totalBytes,
      row.runtime ?? null,
      JSON.stringify(row.entrypoint),
      JSON.stringify(row.labels),
      JSON.stringify(row.auth),
      row.createdAt.getTime(),
    );
    this.#run(
      "UPDATE agent SET next_version = ?, latest = ? WHERE name = ?",
      version + 1,
      version,
      name,
    );
    return { ...row, version, tags: [LATEST] };
  }

  /** Has a tag lead to a version, wherever it led before; within a write transaction. */
  setTag({ name, version }: Pick<AgentVersion, "name" | "version">, tag: string): void {
    this.#run("INSERT OR REPLACE INTO agent_tag VALUES (?, ?, ?)", name, tag, version);
  }

  /** Takes a tag away, and tells whether it was there; within a write transaction. */
  removeTag(name: string, tag: string): boolean {
    return this.#run("DELETE FROM agent_tag WHERE name = ? AND tag = ?", name, tag) > 0;
  }

  /** Deletes a version and its tags; its snapshots are noted as released (A2). Within a write transaction. */
  delete({ name, version, snapshot, bundle }: VersionRow): void {
    this.#run("DELETE FROM agent_version WHERE name = ? AND version = ?", name, version);
    this.#run("DELETE FROM agent_tag WHERE name = ? AND version = ?", name, version);
    this.#run(
      `UPDATE agent SET latest = (SELECT max(version) FROM agent_version WHERE name = @name) WHERE name = @name`,
      { name },
    );
    for (const id of [snapshot, bundle])
      if (id !== undefined) this.#run("INSERT OR IGNORE INTO released_snapshot VALUES (?)", id);
  }

  /**
   * Returns the versions of an agent that no limit keeps: of those without tags the oldest.
   *
   * @param maxVersions how many may be there
   * @param sinceMs from when on they stay
   */
  beyond(name: string, maxVersions: number, sinceMs: number): VersionRow[] {
    const untagged = `version.name = ? AND version.version <> agent.latest AND NOT EXISTS
      (SELECT 1 FROM agent_tag WHERE agent_tag.name = version.name AND agent_tag.version = version.version)`;
    const count = this.#ledger.database
      .prepare("SELECT count(*) FROM agent_version WHERE name = ?")
      .pluck()
      .get(name) as number;
    const surplus = Math.max(0, count - maxVersions);
    return this.#all(`${SELECT} WHERE ${untagged} ORDER BY version.version`, name).filter(
      ({ createdAt }, index) => index < surplus || createdAt.getTime() < sinceMs,
    );
  }

  #tagsOf(name: string): string[] {
    const tags = this.#ledger.transaction.read(() =>
      this.#ledger.database
        .prepare("SELECT tag FROM agent_tag WHERE name = ? ORDER BY tag LIMIT 20")
        .pluck()
        .all(name),
    ) as string[];
    return [LATEST, ...tags];
  }

  #one(sql: string, ...values: readonly unknown[]): VersionRow | undefined {
    return this.#ledger.transaction.read(() => {
      const row = this.#ledger.database.prepare(sql).get(...values);
      return row === undefined ? undefined : toRow(row as RawVersion);
    });
  }

  #all(sql: string, ...values: readonly unknown[]): VersionRow[] {
    return this.#ledger.transaction.read(() =>
      this.#ledger.database
        .prepare(sql)
        .all(...values)
        .map((row) => toRow(row as RawVersion)),
    );
  }

  #run(sql: string, ...values: readonly unknown[]): number {
    return this.#ledger.database.prepare(sql).run(...values).changes;
  }
}

interface RawVersion {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly digest: Digest;
  readonly snapshot: string;
  readonly snapshotDigest: Digest;
  readonly bundle: string | null;
  readonly sizeBytes: number | null;
  readonly entryCount: number;
  readonly totalBytes: number;
  readonly runtime: string | null;
  readonly entrypoint: string;
  readonly labels: string;
  readonly auth: string;
  readonly createdMs: number;
  readonly isLatest: number;
  readonly tags: string;
}

function toRow({ isLatest, createdMs, ...raw }: RawVersion): VersionRow {
  const tags = JSON.parse(raw.tags) as string[];
  if (isLatest === 1) tags.push(LATEST);
  return {
    ...raw,
    tags: tags.sort(),
    bundle: raw.bundle ?? undefined,
    sizeBytes: raw.sizeBytes ?? undefined,
    runtime: raw.runtime ?? undefined,
    entrypoint: JSON.parse(raw.entrypoint) as Entrypoint,
    labels: JSON.parse(raw.labels) as Record<string, string>,
    auth: JSON.parse(raw.auth) as AgentAuth,
    createdAt: new Date(createdMs),
  };
}

/** Returns what callers are told of a row. */
export function recordOf({ bundle: _, ...record }: VersionRow): AgentVersion {
  return record;
}
