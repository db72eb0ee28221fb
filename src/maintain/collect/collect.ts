/**
 * Collect: frees what nothing needs any more.
 *
 *     reach what stays -> take the rows of the rest away -> free their bytes
 *
 * Each step leaves a store that is whole, so that it may end anywhere: rows go before bytes do, and what was not freed is found
 * the next time. Writers go on meanwhile: what they come to refer to stays (G1), and what they took for known and is gone they
 * write again (`snapshot/require-stored.ts`).
 */

import type { OnProgress } from "../../model/options.js";
import { explainFailure } from "../../model/system-failure.js";
import { packPath } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import { prepareToWrite } from "../../snapshot/prepare-to-write.js";
import { isDiskFull, keepReserve, spendReserve } from "../../snapshot/reserve.js";
import { inTurns } from "../../threads/in-turns.js";
import { ReachableChunks } from "../../tree/reachable-chunks.js";
import { clearLayers } from "../../workspace/overlayfs/clear-layers.js";
import { measureListed } from "../check/listed-rows.js";
import type { GcReport } from "./gc-report.js";
import { liveRoots } from "./live-roots.js";
import { reclaimPack } from "./reclaim-pack.js";
import { sweep, takeCensus } from "./sweep.js";
import { usedChunks } from "./used-chunks.js";

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
/** Used chunks that are held in memory, some 200 bytes each. */
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
  const live = await reachAll(engine, signal, onProgress);
  const census = await inTurns(takeCensus(engine, live), () => signal?.throwIfAborted());
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
    remarks: [],
    durationMs: performance.now() - startedMs,
  };
}

async function reachAll(
  { objects, catalog }: Pick<Engine, "objects" | "catalog">,
  signal: AbortSignal | undefined,
  onProgress: OnProgress | undefined,
): Promise<ReachableChunks> {
  const live = new ReachableChunks(objects);
  await inTurns(live.reach(liveRoots(catalog)), () => {
    signal?.throwIfAborted();
    onProgress?.({ phase: "mark", chunks: live.count });
  });
  return live;
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
    this.#removeRetired();
    const live = await reachAll(engine, signal, onProgress);
    const census = await inTurns(takeCensus(engine, live), check);
    const total = census.dead.chunks;
    const chunksRemoved = await inTurns(
      sweep(engine, live, census, (chunks) => onProgress?.({ phase: "sweep", chunks, total })),
      check,
    );
    const layers = clearLayers(engine, (root) => live.has(root));
    this.#bytesFreed += layers.bytes;
    const reclaimed = await this.#reclaim(census.packs);
    this.#removeRetired();
    const packsWaiting = engine.catalog.collection.retiredPacks().length;
    if (packsWaiting > 0)
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
      remarks: this.#remarks,
      durationMs: performance.now() - this.#startedMs,
    };
  }

  /** @param changed packs in which chunks died just now */
  async #reclaim(changed: ReadonlySet<number>) {
    const engine = this.#engine;
    const { catalog, disk } = engine;
    const { signal, onProgress, erases = false } = this.#options;
    const check = () => signal?.throwIfAborted();
    // Before the rows: what is appended meanwhile lies beyond these lengths.
    const packs = catalog.collection.packs().filter(({ readableBytes }) => readableBytes === null);
    const uses = await inTurns(measureListed(engine), check);
    const empty = packs.filter(({ id }) => !uses.has(id));
    for (const pack of empty) {
      // Its file may have to wait for somebody who reads.
      if (erases) {
        this.#bytesFreed += reclaimPack(engine, pack, [], erases).freedBytes;
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
      const used = await inTurns(usedChunks(engine, new Set(group.map(({ id }) => id))), check);
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
