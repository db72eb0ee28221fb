/**
 * Collect: frees what nothing needs any more.
 *
 *     reach what stays -> take the rows of the rest away -> free their bytes
 *
 * Each step leaves a store that is whole, so that it may end anywhere: rows go before bytes do, and what was not freed is found
 * the next time. Writers go on meanwhile: what they come to refer to stays (G1), and what they took for known and is gone they
 * write again (`snapshot/require-stored.ts`).
 */

import type { CollectablePack } from "../../catalog/collection-table.js";
import { DigestSet } from "../../hash/digest-set.js";
import { listed } from "../../model/listed.js";
import type { OnProgress } from "../../model/options.js";
import { explainFailure } from "../../model/system-failure.js";
import { packPath } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import { prepareToWrite } from "../../snapshot/prepare-to-write.js";
import { isDiskFull, keepReserve, spendReserve } from "../../snapshot/reserve.js";
import { inTurns } from "../../threads/in-turns.js";
import { clearLayers } from "../../workspace/overlayfs/clear-layers.js";
import { affectedPaths } from "../check/affected-paths.js";
import { listedObjects } from "../check/check-snapshots.js";
import { measureListed } from "../check/listed-rows.js";
import type { GcReport } from "./gc-report.js";
import { listsAny } from "./lists-any.js";
import { LiveChunks } from "./live-chunks.js";
import { liveRoots } from "./live-roots.js";
import { reclaimPack } from "./reclaim-pack.js";
import { sweep, takeCensus } from "./sweep.js";
import { usedRows } from "./used-rows.js";

/** How a store is collected. */
export interface GcOptions {
  /** Whether only to look at what would go: nothing is changed. @default false */
  readonly dryRun?: boolean;
  /** Ends it; what was freed until then stays freed. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `mark`, `sweep`, then `reclaim`. */
  readonly onProgress?: OnProgress;
}

interface Erasing {
  /** Whether no byte of what is dead may be left in the packs. */
  readonly erases?: boolean;
}

/** A pack is looked at where so much more of it is on the disk than counts. */
const WASTE_BYTES_MIN = 64 * 1024;
/** Index rows and padding take this share of what counts, mostly. */
const OVERHEAD_SHARE = 0.1;
/** Used chunks that are held in memory, 56 bytes each, and as many while they are sorted. */
const USED_CHUNKS_MAX = 1_000_000;

/** Collects a store; see `Store.gc`. */
export async function collect(engine: Engine, options: GcOptions): Promise<GcReport> {
  const { signal, dryRun = false } = options;
  const action = `collect ${engine.directory}`;
  try {
    signal?.throwIfAborted();
    if (dryRun) return await survey(engine, options);
    try {
      return await collectAlone(engine, options);
    } catch (error) {
      if (!isDiskFull(error) || !spendReserve(engine.disk)) throw error;
      return await collectAlone(engine, options);
    }
  } catch (error) {
    throw explainFailure(error, action, signal, "what was freed until then stays freed");
  }
}

async function collectAlone(engine: Engine, given: GcOptions): Promise<GcReport> {
  const { catalog } = engine;
  // What an erasure that was cut short left is gone afterwards too.
  const options = { ...given, erases: catalog.collection.isErasing };
  const { remarks } = prepareToWrite(engine);
  catalog.clearDeadSessions();
  catalog.holds.releaseForgotten();
  catalog.collection.begin();
  try {
    const report = await new Collection(engine, options, remarks).run();
    keepReserve(engine.disk);
    return report;
  } finally {
    catalog.collection.end();
  }
}

/** Looks at what would go. */
async function survey(engine: Engine, { signal, onProgress }: GcOptions): Promise<GcReport> {
  const startedMs = performance.now();
  const check = () => signal?.throwIfAborted();
  const live = await reachAll(engine, { signal, onProgress });
  const census = await inTurns(takeCensus(engine, live), check);
  const blocked = await blockedBy(engine, live, check);
  return {
    dryRun: true,
    snapshots: engine.catalog.collection.snapshots().length,
    chunksKept: census.live.chunks,
    bytesKept: census.live.bytes,
    chunksRemoved: census.dead.chunks,
    bytesRemoved: census.dead.bytes,
    packsRemoved: 0,
    packsCopied: 0,
    packsPunched: 0,
    packsWaiting: 0,
    layersRemoved: 0,
    bytesFreed: 0,
    ...blocked,
    durationMs: performance.now() - startedMs,
  };
}

async function reachAll(
  engine: Pick<Engine, "objects" | "catalog">,
  { signal, onProgress, erases = false }: GcOptions & Erasing,
): Promise<LiveChunks> {
  const live = new LiveChunks(engine, erases);
  await inTurns(live.reach(liveRoots(engine.catalog)), () => {
    signal?.throwIfAborted();
    onProgress?.({ phase: "mark", chunks: live.count });
  });
  return live;
}

/** Returns whose damage has everything stay. */
async function blockedBy(
  engine: Pick<Engine, "catalog" | "chunks">,
  { damaged }: LiveChunks,
  check: () => void,
): Promise<Pick<GcReport, "blockedBy" | "remarks">> {
  if (damaged.size === 0) return { blockedBy: [], remarks: [] };
  const snapshots = [...engine.catalog.snapshots.all()];
  const affected = await inTurns(affectedPaths(listedObjects(engine), snapshots, damaged), check);
  const ids = affected.map(({ id }) => id);
  const whose = ids.length === 0 ? "what is open" : `snapshots ${listed(ids)}`;
  return {
    blockedBy: ids,
    remarks: [
      `nothing is freed, since directories or lists of chunks are damaged in ${whose}, and what lies below them is not known: run coppice repair, or remove these`,
    ],
  };
}

class Collection {
  readonly #engine: Engine;
  readonly #options: GcOptions & Erasing;
  readonly #remarks: string[];
  readonly #startedMs = performance.now();
  #bytesFreed = 0;
  #packsRemoved = 0;

  constructor(engine: Engine, options: GcOptions & Erasing, remarks: readonly string[]) {
    this.#engine = engine;
    this.#options = options;
    this.#remarks = [...remarks];
  }

  async run(): Promise<GcReport> {
    const engine = this.#engine;
    const { signal, onProgress } = this.#options;
    const check = () => signal?.throwIfAborted();
    const live = await reachAll(engine, this.#options);
    const census = await inTurns(takeCensus(engine, live), check);
    // What misses may lie among what is dead.
    const misses = live.damaged.size === 0 && census.liveData < live.dataCount;
    const missing = misses ? await inTurns(live.missingData(), check) : new DigestSet();
    const mayFree = () => live.damaged.size === 0 && (missing.size === 0 || this.#erases);
    if (mayFree()) this.#removeRetired();
    const total = census.dead.chunks;
    const chunksRemoved = await inTurns(
      sweep(engine, live, census, (chunks) => onProgress?.({ phase: "sweep", chunks, total })),
      check,
    );
    const layers = clearLayers(engine, (root) => live.has(root));
    this.#bytesFreed += layers.bytes;
    const reclaimed =
      live.damaged.size === 0
        ? await this.#reclaim(census.packs, missing)
        : { punched: 0, copied: 0 };
    if (mayFree()) this.#removeRetired();
    const blocked = await blockedBy(engine, live, check);
    const packsWaiting = engine.catalog.collection.retiredPacks().length;
    if (packsWaiting > 0 && mayFree())
      this.#remarks.push(
        `${packsWaiting} packs are being read from, and go with the next collection`,
      );
    return {
      dryRun: false,
      snapshots: engine.catalog.collection.snapshots().length,
      chunksKept: census.live.chunks + census.dead.chunks - chunksRemoved,
      bytesKept: census.live.bytes,
      chunksRemoved,
      bytesRemoved: census.dead.bytes,
      packsRemoved: this.#packsRemoved,
      packsCopied: reclaimed.copied,
      packsPunched: reclaimed.punched,
      packsWaiting,
      layersRemoved: layers.count,
      bytesFreed: this.#bytesFreed,
      blockedBy: blocked.blockedBy,
      remarks: [...this.#remarks, ...blocked.remarks],
      durationMs: performance.now() - this.#startedMs,
    };
  }

  get #erases(): boolean {
    return this.#options.erases ?? false;
  }

  /** The packs that may be reclaimed: not those in which something may be found again. */
  #reclaimable(missing: DigestSet): CollectablePack[] {
    // Before the rows: what is appended meanwhile lies beyond these lengths.
    const packs = this.#engine.catalog.collection
      .packs()
      .filter(({ readableBytes }) => readableBytes === null);
    if (missing.size === 0 || this.#erases) return packs;
    const without = packs.filter((pack) => !listsAny(this.#engine, pack, missing));
    if (without.length < packs.length)
      this.#remarks.push(
        `${packs.length - without.length} packs keep what is dead in them, since they hold chunks that snapshots miss: run coppice repair`,
      );
    return without;
  }

  /**
   * @param changed packs in which chunks died just now
   * @param missing chunks that are needed and not listed
   */
  async #reclaim(changed: ReadonlySet<number>, missing: DigestSet) {
    const engine = this.#engine;
    const { catalog, disk } = engine;
    const { signal, onProgress } = this.#options;
    const erases = this.#erases;
    const check = () => signal?.throwIfAborted();
    const packs = this.#reclaimable(missing);
    const uses = await inTurns(measureListed(engine), check);
    const empty = packs.filter(({ id }) => !uses.has(id));
    for (const pack of empty) {
      // Its file may have to wait for somebody who reads.
      if (erases) {
        this.#bytesFreed += reclaimPack(engine, pack, Buffer.alloc(0), erases).freedBytes;
      }
      if (catalog.collection.own(pack)) catalog.retirePack(pack.id);
    }
    const candidates = packs.filter(({ id, name }) => {
      const use = uses.get(id);
      if (use === undefined) return false;
      const size = disk.stampOf(packPath(name))?.allocatedBytes ?? 0;
      return erases || changed.has(id) || size - use.bytes * (1 + OVERHEAD_SHARE) > WASTE_BYTES_MIN;
    });
    const done = { left: 0, punched: 0, copied: 0 };
    for (let index = 0; index < candidates.length; ) {
      const group = [candidates[index]!];
      let chunks = uses.get(group[0]!.id)!.chunks;
      for (index++; index < candidates.length; index++) {
        chunks += uses.get(candidates[index]!.id)!.chunks;
        if (chunks > USED_CHUNKS_MAX) break;
        group.push(candidates[index]!);
      }
      const ids = group.map(({ id }) => id);
      const used = await inTurns(usedRows(engine, ids, uses), check);
      for (const pack of group) {
        check();
        const { outcome, freedBytes, remark } = reclaimPack(
          engine,
          pack,
          used.get(pack.id)!,
          erases,
        );
        done[outcome]++;
        this.#bytesFreed += freedBytes;
        if (remark !== undefined) this.#remarks.push(remark);
        onProgress?.({
          phase: "reclaim",
          packs: done.left + done.punched + done.copied,
          total: candidates.length,
        });
        await new Promise(setImmediate);
      }
    }
    return done;
  }

  /** Removes the files of retired packs (G2). */
  #removeRetired(): void {
    const { catalog, chunks, disk } = this.#engine;
    const packs = catalog.collection.removablePacks();
    if (packs.length === 0) return;
    const gone = new Set(packs.map(({ id }) => id));
    chunks.closeOthers((pack) => !gone.has(pack));
    for (const { id, name } of packs) {
      this.#bytesFreed += disk.stampOf(packPath(name))?.allocatedBytes ?? 0;
      disk.remove(packPath(name));
      catalog.collection.forget(id);
      this.#packsRemoved++;
    }
  }
}
