/**
 * Erase: takes content out of every snapshot, and its bytes out of the packs.
 *
 *     find -> new roots and records, in transactions -> collect, with all dead bytes zeroed -> read back
 *
 * Before the first transaction nothing is changed. From then on the catalog says that an erasure is under way: whoever collects next zeroes
 * what is dead, and erasing again finishes what was cut short.
 */
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import { DigestSet } from "../../hash/digest-set.js";
import type { PathListDraft } from "../../model/capture-report.js";
import { addPath, emptyPathList } from "../../model/capture-report.js";
import { formatDigest } from "../../model/digest.js";
import { REPORT_LIST_MAX } from "../../model/limits.js";
import type { OnProgress } from "../../model/options.js";
import { reportedPath } from "../../model/reported-path.js";
import { explainFailure } from "../../model/system-failure.js";
import type { Engine } from "../../snapshot/engine.js";
import { prepareToWrite } from "../../snapshot/prepare-to-write.js";
import { forgetScans } from "../../snapshot/recover.js";
import { unlessCollected } from "../../snapshot/require-stored.js";
import type { Replacement } from "../../snapshot/snapshot-writer.js";
import { SnapshotWriter } from "../../snapshot/snapshot-writer.js";
import { inTurns } from "../../threads/in-turns.js";
import { NewObjects } from "../../tree/new-objects.js";
import type { EncodedNode } from "../../tree/node-codec.js";
import { cachedObjects } from "../../tree/object-cache.js";
import { ReachableChunks } from "../../tree/reachable-chunks.js";
import { readRoot } from "../../tree/root.js";
import type { NodeSink } from "../../tree/tree-builder.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { discardLater, trashEmptied } from "../../workspace/trash.js";
import { collect } from "../collect/collect.js";
import { QUARANTINE } from "../repair/quarantine.js";
import type {
  ErasedSnapshot,
  EraseReport,
  RemainingBytes,
  StandingContent,
} from "./erase-report.js";
import { ErasedChunks } from "./erased-chunks.js";
import { ContentFinder } from "./file-contents.js";
import type { AffectedSnapshot, EraseTarget, FoundTargets } from "./find-erased.js";
import { findErased } from "./find-erased.js";
import { proveErased } from "./prove-erased.js";
import { requireUnused } from "./require-unused.js";
import { withoutPaths } from "./without-paths.js";

/** How something is erased. */
export interface EraseOptions {
  /** Whether only to tell what would go: nothing is changed. @default false */
  readonly dryRun?: boolean;
  /** Ends it. Before the first snapshot is changed nothing is; afterwards erasing again, or any collection, finishes it. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `erase`, then as for a collection, then `prove`. */
  readonly onProgress?: OnProgress;
}

/** Snapshots that are made anew in one transaction. */
const BATCH_SNAPSHOTS = 500;

/** Erases from a store; see `Store.erase`. */
export async function erase(
  engine: Engine,
  target: EraseTarget,
  options: EraseOptions,
): Promise<EraseReport> {
  const { signal, dryRun = false } = options;
  const action = `erase from ${engine.directory}`;
  try {
    signal?.throwIfAborted();
    return await new Erasure(engine, target, options).run(dryRun);
  } catch (error) {
    throw explainFailure(error, action, signal, "erase again to finish what was begun");
  }
}

class Erasure {
  readonly #engine: Engine;
  readonly #target: EraseTarget;
  readonly #options: EraseOptions;
  readonly #objects: ObjectSource;
  readonly #startedMs = performance.now();
  readonly #erasedMs = Date.now();
  readonly #chunks: ErasedChunks;
  /** Of the contents, as entries have them. */
  readonly #contents = new DigestSet();
  readonly #snapshots: ErasedSnapshot[] = [];

  constructor(engine: Engine, target: EraseTarget, options: EraseOptions) {
    this.#engine = engine;
    this.#target = target;
    this.#options = options;
    // A cache of its own, which goes with it: what is erased is not to stay in the one that overlays share.
    const { objects } = engine;
    this.#objects = cachedObjects({
      readObject: (digest) => objects.readObject(digest),
      readChunk: (...range) => objects.readChunk(...range),
    });
    this.#chunks = new ErasedChunks(this.#objects);
  }

  async run(dryRun: boolean): Promise<EraseReport> {
    const found = await this.#find();
    if (dryRun) return this.#survey(found);
    const engine = this.#engine;
    const { catalog, disk } = engine;
    const { signal, onProgress } = this.#options;
    prepareToWrite(engine);
    catalog.clearDeadSessions();
    // What was captured meanwhile may have it too.
    for (let next = found; next.affected.length > 0; next = await this.#find())
      await this.#replaceAll(next);
    catalog.collection.beginErasing();
    // Before the chunks: a cache would vouch for what is gone, and has names, link targets and attributes of its own.
    forgetScans(disk);
    const gc = await collect(engine, {
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    discardLater(engine);
    await trashEmptied(engine);
    const proof = await this.#turns(
      proveErased(engine, (packs, total) => onProgress?.({ phase: "prove", packs, total })),
    );
    const remaining = [
      ...proof.remaining,
      ...disk.list("trash").map(undeleted),
      ...disk.list(QUARANTINE).map(putAside),
    ];
    if (remaining.length === 0) catalog.collection.endErasing();
    return {
      ...(await this.#report(found, this.#objects, rowsNow(engine), (digest) =>
        catalog.chunks.has(digest),
      )),
      dryRun,
      remaining,
      packsProved: proof.packs,
      remarks: gc.remarks,
      durationMs: performance.now() - this.#startedMs,
    };
  }

  async #find(): Promise<FoundTargets> {
    const { onProgress } = this.#options;
    const found = await this.#turns(
      findErased(this.#engine, this.#objects, this.#target, (snapshots, total) =>
        onProgress?.({ phase: "erase", snapshots, total }),
      ),
    );
    for (const { content } of found.contents) this.#contents.add(content.digest);
    await this.#turns(this.#chunks.add(found.contents));
    return found;
  }

  async #survey(found: FoundTargets): Promise<EraseReport> {
    const objects = new NewObjects(this.#objects);
    const replaced = new Map<string, Buffer>();
    for (const each of found.affected) {
      const root = this.#without(each, objects);
      objects.putNode(root);
      replaced.set(each.row.id, root.digest);
    }
    const rows = rowsNow(this.#engine).map((row) => ({
      ...row,
      digest: replaced.get(row.id) ?? row.digest,
    }));
    const live = new ReachableChunks(objects);
    await this.#turns(live.reach(rows.map(({ digest }) => ({ digest, role: "root" }))));
    return {
      ...(await this.#report(found, objects, rows, (digest) => live.has(digest))),
      dryRun: true,
      remaining: [],
      packsProved: 0,
      remarks: [],
      durationMs: performance.now() - this.#startedMs,
    };
  }

  async #replaceAll({ affected }: FoundTargets): Promise<void> {
    const { catalog } = this.#engine;
    const { onProgress, signal } = this.#options;
    // All of them, before the first is changed; and again under the lock.
    const rows = affected.map(({ row }) => row);
    const check = () => requireUnused(catalog, rows, this.#chunks.digests);
    catalog.holds.releaseForgotten();
    check();
    for (let at = 0; at < affected.length; at += BATCH_SNAPSHOTS) {
      signal?.throwIfAborted();
      const batch = affected.slice(at, at + BATCH_SNAPSHOTS);
      await unlessCollected(() => this.#replace(batch, check));
      onProgress?.({ phase: "erase", snapshots: at + batch.length, total: affected.length });
    }
  }

  async #replace(batch: readonly AffectedSnapshot[], check: () => void): Promise<void> {
    const writer = new SnapshotWriter(this.#engine, "full");
    const noted = this.#snapshots.length;
    try {
      const replacements: Replacement[] = [];
      for (const each of batch) {
        const root = this.#without(each, writer);
        const { entry } = readRoot({ readObject: () => root.bytes }, root.digest);
        const { entryCount, totalBytes } = entry;
        const erasedMs = this.#erasedMs;
        replacements.push({ before: each.row, root, entryCount, totalBytes, erasedMs });
        await new Promise(setImmediate);
      }
      writer.replace(replacements, check);
    } catch (error) {
      this.#snapshots.length = noted;
      throw error;
    } finally {
      writer.close();
    }
  }

  /** Returns a snapshot's root without what is erased, and notes what becomes of the snapshot. */
  #without({ row, root, paths }: AffectedSnapshot, nodes: NodeSink): EncodedNode {
    const node = withoutPaths(this.#objects, root, paths, nodes);
    const list: PathListDraft = emptyPathList();
    for (const path of paths) addPath(list, path);
    this.#snapshots.push({
      id: row.id,
      ...(row.name !== undefined && { name: row.name }),
      source: row.source,
      digestBefore: formatDigest(row.digest),
      digest: formatDigest(node.digest),
      paths: list,
    });
    return node;
  }

  /** @param rows the snapshots as they are now, or would be, the newest first */
  async #report(
    { missing }: FoundTargets,
    objects: ObjectSource,
    rows: readonly Pick<SnapshotRow, "id" | "digest">[],
    isThere: (digest: Buffer) => boolean,
  ) {
    const standing = await this.#turns(this.#standing(objects, rows));
    return {
      snapshots: this.#snapshots,
      notFound: [...missing.paths.map(String), ...missing.digests.map(formatDigest)],
      contents: this.#contents.size,
      ...this.#chunks.weigh(isThere),
      standing,
    };
  }

  /** Looks for the erased contents once more. */
  *#standing(
    objects: ObjectSource,
    rows: readonly Pick<SnapshotRow, "id" | "digest">[],
  ): Generator<void, EraseReport["standing"]> {
    const finder = new ContentFinder(objects, this.#contents);
    const paths = new Map<string, StandingContent>();
    let count = 0;
    const seen = new Set<string>();
    for (const { id, digest } of rows) {
      for (const { path } of yield* finder.find(readRoot(objects, digest).entry.tree)) {
        const key = path.toString("latin1");
        if (seen.has(key)) continue;
        seen.add(key);
        count++;
        if (paths.size < REPORT_LIST_MAX) paths.set(key, { ...reportedPath(path), snapshot: id });
      }
    }
    return { count, paths: [...paths.values()] };
  }

  #turns<T>(work: Generator<void, T>): Promise<T> {
    return inTurns(work, () => this.#options.signal?.throwIfAborted());
  }
}

function rowsNow({ catalog }: Engine): SnapshotRow[] {
  return [...catalog.snapshots.all()];
}

function undeleted(name: string): RemainingBytes {
  return { place: `trash/${name}`, reason: "it could not be deleted" };
}

function putAside(name: string): RemainingBytes {
  const reason = "a repair put it aside, and it may hold anything: delete it and erase again";
  return { place: `${QUARANTINE}/${name}`, reason };
}
