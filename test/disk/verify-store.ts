/**
 * Checks a store that was left behind: what was acknowledged is whole, all that the catalog lists is sound,
 * and the store can be used.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "#dist/database/sqlite.js";
import type { Disk } from "#dist/disk/disk.js";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { sha256 } from "#dist/hash/sha256.js";
import { restore } from "#dist/restore/restore.js";
import { capture } from "#dist/snapshot/capture.js";
import type { Engine } from "#dist/snapshot/engine.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { prepareToWrite } from "#dist/snapshot/prepare-to-write.js";
import { contentExtents, isHole } from "#dist/tree/content-reader.js";
import { linkGroups, readRoot } from "#dist/tree/root.js";
import { treeEntries } from "#dist/tree/tree-reader.js";
import type { CrashImage } from "./crash-points.js";
import type { FileImage } from "./stable-storage.js";

/** A snapshot that a capture has returned. */
export interface Acknowledged {
  readonly id: string;
  readonly digest: Buffer;
}

/** Writes a store's directories and files into a new directory. */
export function writeImage(store: string, directories: readonly string[], files: FileImage): void {
  mkdirSync(store);
  for (const directory of directories) mkdirSync(join(store, directory));
  for (const [path, bytes] of files) writeFileSync(join(store, path), bytes, { mode: 0o600 });
}

/** How a store is verified. */
export interface VerifyOptions {
  /** Whether every chunk and snapshot is read, or only the newest snapshot. */
  readonly depth?: "all" | "newest";
  /** Whether the newest snapshot, and what is captured anew, are restored too: twice as much as all the rest. @default true */
  readonly restores?: boolean;
  /** The boot in which it is opened. @default that of the machine */
  readonly bootId?: string;
}

/**
 * Checks that what a power cut must not take can be read before anybody writes; that what it may take is
 * whole afterwards, or is said to be lost.
 *
 * @returns for each snapshot that it may take whether it did
 */
export async function verifyRecovery(
  store: string,
  { acknowledged, relaxed, bootId }: Pick<CrashImage, "acknowledged" | "relaxed" | "bootId">,
): Promise<boolean[]> {
  if (relaxed.length === 0) return [];
  const engine = openEngine(store, false, diskIn(bootId));
  try {
    for (const { digest } of acknowledged) checkSnapshot(engine, digest);
    const listed = relaxed.map(({ id }) => engine.catalog.snapshots.find(id) !== undefined);
    const { remarks } = prepareToWrite(engine);
    const told = engine.catalog.losses.powerLoss?.snapshots.map(({ id }) => id) ?? [];
    return relaxed.map(({ id, digest }, index) => {
      if (engine.catalog.snapshots.find(id) !== undefined) {
        checkSnapshot(engine, digest);
        return false;
      }
      // What SQLite itself lost was never heard of.
      if (!listed[index] && !told.includes(id)) return true;
      if (!told.includes(id)) throw new Error(`Snapshot ${id} is gone, and nobody says so`);
      if (listed[index] && !remarks.some((remark) => remark.includes(id)))
        throw new Error(`Snapshot ${id} is gone without a remark`);
      return true;
    });
  } finally {
    closeEngine(engine);
  }
}

function diskIn(bootId: string | undefined): (root: string) => Disk {
  return (root) => (bootId === undefined ? nodeDisk(root) : { ...nodeDisk(root), bootId });
}

/**
 * @param scratch - An empty directory beside the store.
 * @param source - A directory to capture: the store must still be good for that.
 * @throws {Error} saying what is wrong
 */
export async function verifyStore(
  store: string,
  acknowledged: readonly Acknowledged[],
  scratch: string,
  source: string,
  { depth = "all", restores = true, bootId }: VerifyOptions = {},
): Promise<void> {
  const engine = openEngine(store, acknowledged.length === 0, diskIn(bootId));
  try {
    prepareToWrite(engine);
    for (const { id, digest } of acknowledged) {
      const row = engine.catalog.snapshots.find(id);
      if (row === undefined) throw new Error(`Snapshot ${id} was acknowledged and is gone`);
      if (!row.digest.equals(digest)) throw new Error(`Snapshot ${id} has another digest`);
    }
    const rows = [...engine.catalog.snapshots.all()];
    if (depth === "all") checkChunks(store, engine);
    for (const row of depth === "all" ? rows : rows.slice(0, 1)) checkSnapshot(engine, row.digest);
    const newest = rows[0];
    if (newest !== undefined && restores) {
      await restore(engine, newest, join(scratch, "newest"), { workers: 0 });
      await expectDigest(engine, join(scratch, "newest"), newest.digest);
    }
    const { row } = await capture(engine, source, { workers: 0, durability: "relaxed" });
    checkSnapshot(engine, row.digest);
    if (restores) {
      await restore(engine, row, join(scratch, "new"), { workers: 0 });
      await expectDigest(engine, join(scratch, "new"), row.digest);
    }
    if (depth === "all") checkChunks(store, engine);
    if (depth === "all") checkSessions(store);
  } finally {
    closeEngine(engine);
  }
}

/** Those of small commits stand beside one another, 56 bytes each. */
const EVERY_DIGEST = `
  WITH RECURSIVE recent (rows, at) AS (
    SELECT rows, 1 FROM recent_chunk WHERE length(rows) > 0
    UNION ALL SELECT rows, at + 56 FROM recent WHERE at + 56 < length(rows)
  )
  SELECT digest FROM chunk UNION SELECT substr(rows, at, 32) FROM recent`;

/** Every chunk that the catalog has: captures to come will rely on it. */
function checkChunks(store: string, engine: Engine): void {
  const catalog = openSqlite(join(store, "catalog.sqlite"), { readonly: true });
  try {
    for (const digest of catalog.prepare(EVERY_DIGEST).pluck().iterate() as Iterable<Buffer>) {
      if (!sha256(engine.objects.readObject(digest)).equals(digest)) {
        throw new Error(`Chunk ${digest.toString("hex")} has other bytes`);
      }
    }
  } finally {
    catalog.close();
  }
}

/** The dead own nothing any more. */
function checkSessions(store: string): void {
  const catalog = openSqlite(join(store, "catalog.sqlite"), { readonly: true });
  try {
    const sessions = catalog.prepare("SELECT count(*) FROM session").pluck().get();
    if (sessions !== 1) throw new Error(`${sessions} sessions are open, one of them is`);
    const owned = catalog
      .prepare("SELECT count(*) FROM pack WHERE session IS NOT NULL")
      .pluck()
      .get();
    if (owned !== 0) throw new Error(`${owned} packs are owned, and nobody writes`);
  } finally {
    catalog.close();
  }
}

/** All that a snapshot refers to is there, and files have all of their bytes. */
function checkSnapshot({ objects, catalog }: Engine, digest: Buffer): void {
  const root = readRoot(objects, digest);
  const check = (tree: Buffer): void => {
    for (const entry of treeEntries(objects, tree)) {
      if (entry.kind === "directory") check(entry.tree);
      if (entry.kind !== "file") continue;
      let end = 0;
      for (const extent of contentExtents(objects, entry.content, entry.sizeBytes)) {
        const length = isHole(extent)
          ? extent.lengthBytes
          : catalog.chunks.locate(extent.digest)?.lengthBytes;
        if (extent.offset !== end || extent.lengthBytes !== length)
          throw new Error(`${entry.name} is torn`);
        end += length;
      }
      if (end !== entry.sizeBytes) throw new Error(`${entry.name} is not whole`);
    }
  };
  check(root.entry.tree);
  for (const paths of linkGroups(objects, root))
    if (paths.length < 2) throw new Error("A link group is torn");
}

async function expectDigest(engine: Engine, directory: string, digest: Buffer): Promise<void> {
  const { row } = await capture(engine, directory, { workers: 0, durability: "relaxed" });
  if (!row.digest.equals(digest))
    throw new Error(`What was restored to ${directory} is not what was captured`);
}
