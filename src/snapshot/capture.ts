/**
 * Capture: a directory becomes a snapshot.
 *
 *     scan -> chunks in packs -> trees in packs -> record in a pack -> sync -> commit -> stat cache
 *
 * Invariants:
 * (A1) Nothing exists before the commit, and everything does after it. A capture that fails cuts off
 *      what it wrote; where it died, the next one does, beyond the committed length of packs.
 * (A2) A capture returns a snapshot of this directory as it was during the call, or throws.
 */
import type { Addition, Catalog, OwnedPack } from "../catalog/catalog.js";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { Disk } from "../disk/disk.js";
import { sha256 } from "../hash/sha256.js";
import type { CaptureReport } from "../model/capture-report.js";
import { checkName, checkWord, checkWorkers } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import type { Durability, OnProgress } from "../model/options.js";
import { abortError, explainSystemError } from "../model/system-failure.js";
import type { ChunkKind } from "../pack/chunk-location.js";
import { CHUNK_KINDS } from "../pack/chunk-location.js";
import { CHUNK_ROW_BYTES } from "../pack/chunk-table.js";
import { ChunkWriter } from "../pack/chunk-writer.js";
import { packPath } from "../pack/pack-codec.js";
import { ClaimedChunks } from "../scan/known-chunks.js";
import { runScan } from "../scan/run-scan.js";
import { saveStatCache, statCachePath } from "../scan/stat-cache.js";
import { systemCalls } from "../system/system-calls.js";
import type { EncodedNode } from "../tree/node-codec.js";
import type { Engine } from "./engine.js";
import type { DamagedPacks } from "./inspect-packs.js";
import { prepareToWrite } from "./prepare-to-write.js";
import { encodeSnapshotRecord } from "./record-codec.js";
import { newSnapshotId } from "./snapshot-id.js";
import { knownDirectory, loadUsableCache, openSource, rootOf } from "./source.js";

/** How a directory is captured. */
export interface CaptureOptions {
  /** A name for the snapshot, unique in the store. */
  readonly name?: string;
  /** Free words for people and programs. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Id of the snapshot that this one follows. */
  readonly parent?: string;
  /** What to leave out: patterns as in a gitignore file, relative to the directory. */
  readonly exclude?: readonly string[];
  /**
   * Whether `.gitignore` files in the directory are heeded. `.git` itself is captured.
   * @default false
   */
  readonly gitignore?: boolean;
  /**
   * What becomes of files and directories that cannot be read: `fail` ends the capture, `skip` leaves
   * them out and lists them in the report.
   * @default "fail"
   */
  readonly onUnreadable?: "fail" | "skip";
  /** @default "full" */
  readonly durability?: Durability;
  /**
   * Threads that read, hash and write: 0 to 64. 0 does everything in the calling thread.
   * @default as many as there are processors, at most 8, once a directory is large enough to gain by it
   */
  readonly workers?: number;
  /** Ends the capture; nothing is registered. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `scan` while the directory is read, then `commit` once. */
  readonly onProgress?: OnProgress;
}

/** What a capture gives. */
export interface Capture {
  readonly row: SnapshotRow;
  readonly report: CaptureReport;
}

/** Captures a directory; see `Store.snapshot`. */
export async function capture(
  engine: Engine,
  directory: string,
  options: CaptureOptions,
): Promise<Capture> {
  checkWorkers(options.workers);
  checkName(options.name);
  checkWord("durability", options.durability, ["full", "relaxed"]);
  checkWord("onUnreadable", options.onUnreadable, ["fail", "skip"]);
  const startedMs = performance.now();
  const sinceMs = Date.now();
  const { catalog, disk } = engine;
  const { signal } = options;
  const action = `capture ${directory}`;
  const packs: OwnedPack[] = [];
  const supply = {
    storeId: catalog.storeId,
    acquirePack: () => {
      const pack = catalog.acquirePack();
      packs.push(pack);
      return pack;
    },
  };
  const writer = new ChunkWriter(disk, supply);
  let mayBeCommitted = false;
  let isCommitted = false;
  try {
    signal?.throwIfAborted();
    const source = openSource(engine, directory);
    const parent = requireParent(engine, options.parent);
    const filter = { exclude: [...(options.exclude ?? [])], gitignore: options.gitignore ?? false };
    const { damaged, remarks } = prepareToWrite(engine);
    // What takes the place of what older snapshots have lost must not be lost with a `relaxed` one.
    const durability = damaged.readableBytes.size > 0 ? "full" : (options.durability ?? "full");
    const known = new ClaimedChunks(knownBy(catalog, damaged));
    const put = (bytes: Buffer, digest: Buffer, kind: ChunkKind): void => {
      if (known.claim(digest)()[0] === 1) writer.append(bytes, digest, kind);
    };
    const cachePath = statCachePath(source.path);
    const cache = loadUsableCache(engine, cachePath, supply.storeId);
    const outcome = await runScan({
      settings: {
        root: source.path,
        ...filter,
        onUnreadable: options.onUnreadable ?? "fail",
        omit: source.omit,
        cache: cache.memory,
      },
      root: source.identity,
      rootBlock: cache.rootBlock,
      store: { directory: engine.directory, storeId: supply.storeId },
      service: { known, acquirePack: supply.acquirePack },
      sink: writer,
      nodes: { putNode: (node: EncodedNode) => put(node.bytes, node.digest, CHUNK_KINDS.tree) },
      workers: options.workers,
      sync: durability === "full",
      signal,
      onProgress: (entries, bytesRead) =>
        options.onProgress?.({ phase: "scan", entries, bytesRead }),
    });
    const root = rootOf(source, outcome.scan);
    put(root.bytes, root.digest, CHUNK_KINDS.root);
    const summary = outcome.scan.root.block.summary;
    const draft = {
      id: newSnapshotId(),
      digest: root.digest,
      stateDigest: root.stateDigest,
      parent,
      name: options.name,
      labels: options.labels ?? {},
      source: source.path,
      filter,
      createdMs: Date.now(),
      entryCount: summary.entryCount,
      totalBytes: summary.totalBytes,
    };
    const record = encodeSnapshotRecord(draft);
    const row: SnapshotRow = { ...draft, record: sha256(record) };
    put(record, row.record, CHUNK_KINDS.record);

    signal?.throwIfAborted();
    const written = [
      ...outcome.threads.flatMap((thread) => thread.packs),
      ...writer.finish(durability === "full"),
    ];
    const rowBytes = written.reduce((sum, pack) => sum + pack.rows.length, 0);
    options.onProgress?.({ phase: "commit", chunks: rowBytes / CHUNK_ROW_BYTES });
    const addition: Addition = {
      packs: written,
      bootId: disk.bootId,
      synced: durability === "full" ? [...written, ...syncOthers(engine, written)] : [],
      snapshot: row,
      directory: knownDirectory(source),
    };
    mayBeCommitted = true;
    catalog.commit(addition, durability);
    isCommitted = true;
    if (outcome.scan.directories.some((each) => !each.isShared)) {
      saveStatCache(disk, cachePath, supply.storeId, outcome.scan.directories, sinceMs);
    }
    const grown =
      written.reduce((sum, pack) => sum + pack.lengthBytes, 0) -
      packs.reduce((sum, pack) => sum + pack.lengthBytes, 0);
    return {
      row,
      report: {
        entries: row.entryCount,
        totalBytes: row.totalBytes,
        bytesRead: outcome.tally.bytesRead,
        bytesNew:
          writer.bytesWritten +
          outcome.threads.reduce((sum, thread) => sum + thread.bytesWritten, 0),
        bytesStored: grown,
        unchanged: outcome.tally.unchanged,
        excluded: outcome.tally.excluded,
        unreadable: outcome.tally.unreadable,
        skipped: outcome.tally.skipped,
        changed: outcome.tally.changed,
        limits: [...captureLimits(), ...remarks],
        workers: outcome.threads.length,
        durability,
        durationMs: performance.now() - startedMs,
      },
    };
  } catch (error) {
    if (signal?.aborted === true) throw abortError(signal, action, "nothing was registered");
    throw explainSystemError(error, action);
  } finally {
    attempt(() => writer.close());
    if (!mayBeCommitted) attempt(() => cutBack(disk, packs));
    if (!isCommitted) attempt(() => catalog.releasePacks(packs.map((pack) => pack.id)));
  }
}

/**
 * Returns what tells whether a chunk is stored, `undefined` where none is; what lies in the damaged part of a
 * pack is not.
 */
function knownBy(
  { chunks }: Pick<Catalog, "chunks">,
  { readableBytes }: DamagedPacks,
): ((digest: Buffer) => boolean) | undefined {
  if (chunks.isEmpty) return undefined;
  if (readableBytes.size === 0) return (digest) => chunks.has(digest);
  return (digest) => {
    const place = chunks.locate(digest);
    if (place === undefined) return false;
    const end = readableBytes.get(place.pack) ?? Number.POSITIVE_INFINITY;
    return place.offset + place.lengthBytes <= end;
  };
}

/** Frees what a capture that failed has written: where it filled the disk, not even the catalog could be written. */
function cutBack(disk: Disk, packs: readonly OwnedPack[]): void {
  for (const { name, lengthBytes } of packs) {
    if (lengthBytes === 0) {
      disk.remove(packPath(name));
      continue;
    }
    const file = disk.open(packPath(name), "write");
    try {
      if (file.size() > lengthBytes) file.truncate(lengthBytes);
    } finally {
      file.close();
    }
  }
}

/**
 * Does what may fail without changing what the capture came to: after the commit the snapshot exists, and
 * before it another error says why not. A pack that is not released stays with this session until that ends.
 */
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // See above.
  }
}

/**
 * Syncs the packs that `relaxed` captures left unsynced: this capture may refer to what is in them, and
 * after a power cut its rows would bring theirs back without the bytes.
 *
 * @returns them with the lengths that are on stable storage now
 */
function syncOthers(
  { catalog, disk }: Pick<Engine, "catalog" | "disk">,
  own: readonly { readonly id: number }[],
): OwnedPack[] {
  const others = catalog.unsyncedPacks().filter((pack) => !own.some(({ id }) => id === pack.id));
  for (const pack of others) {
    const file = disk.open(packPath(pack.name), "read");
    try {
      file.sync();
    } finally {
      file.close();
    }
  }
  if (others.length > 0) disk.syncDirectory("packs");
  return others;
}

function requireParent(
  { catalog }: Pick<Engine, "catalog">,
  id: string | undefined,
): string | undefined {
  if (id !== undefined && catalog.snapshots.find(id)?.id !== id) {
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot capture with parent ${id}: the store has no snapshot of that id`,
    );
  }
  return id;
}

function captureLimits(): string[] {
  const calls = systemCalls();
  return "unavailable" in calls
    ? [`extended attributes and ACLs were not captured: ${calls.unavailable}`]
    : [];
}
