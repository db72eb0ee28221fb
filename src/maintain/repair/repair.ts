/**
 * Repair: brings back what can be brought back.
 *
 *     files in order -> bytes that are not there -> chunks that are not listed -> one transaction
 *       -> what still misses: from other packs, from directories -> what stays degraded
 *
 * It adds what packs hold, and forgets rows whose bytes are not there: these are stored again where a capture meets them. It
 * forgets no snapshot, and puts files that it cannot use aside. Ended anywhere, it can be done again.
 */
import type { WrongRow } from "../../catalog/repair-table.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import type { OnProgress } from "../../model/options.js";
import { explainFailure } from "../../model/system-failure.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { packPath } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import { prepareToWrite } from "../../snapshot/prepare-to-write.js";
import { forgetScans } from "../../snapshot/recover.js";
import { inTurns } from "../../threads/in-turns.js";
import { checkPacks } from "../check/check-packs.js";
import { listedObjects } from "../check/check-snapshots.js";
import type { PackProblemKind } from "../check/check-structure.js";
import { CheckWorkers } from "../check/check-workers.js";
import { ListedChunks } from "../check/listed-chunks.js";
import { evacuate } from "./evacuate.js";
import type { UnlistedChunks } from "./find-unlisted.js";
import { FoundObjects } from "./found-objects.js";
import { type FoundSnapshots, recordsIn, sortOut } from "./found-snapshots.js";
import { notListed } from "./not-listed.js";
import { Quarantine } from "./quarantine.js";
import type { RepairReport } from "./repair-report.js";
import { restoreMissing } from "./restore-missing.js";
import { searchPacks } from "./search-packs.js";
import { seenAs } from "./seen-as.js";
import { sortPackFiles } from "./sort-pack-files.js";
import { syncPacks } from "./sync-packs.js";
import { told } from "./told-snapshot.js";

/** How a store is repaired. */
export interface RepairOptions {
  /** Directories that may still have files which the store has lost, beside those that it knows. */
  readonly from?: readonly string[];
  /** Whether only to look at what would be done: nothing is changed. @default false */
  readonly dryRun?: boolean;
  /** Ends it; what was done until then stays, and another repair does the rest. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `check`, `mark`, and `heal` where something misses. */
  readonly onProgress?: OnProgress;
}

/** Repairs a store whose catalog is whole; see `Store.repair`. */
export async function repair(
  engine: Engine,
  options: RepairOptions,
  isRebuilt = false,
): Promise<RepairReport> {
  const { signal } = options;
  const action = `repair ${engine.directory}`;
  const repairing = new Repair(engine, options, isRebuilt);
  try {
    signal?.throwIfAborted();
    return await repairing.run();
  } catch (error) {
    throw explainFailure(error, action, signal, "what was done until then stays");
  } finally {
    await repairing.close();
  }
}

class Repair {
  /** In a dry run, from when files were sorted on, one that sees them as they would be. */
  #engine: Engine;
  readonly #options: RepairOptions;
  #workers: CheckWorkers;
  readonly #isRebuilt: boolean;
  readonly #isDryRun: boolean;
  readonly #startedMs = performance.now();
  readonly #quarantine: Quarantine;
  readonly #remarks: string[] = [];
  /** Packs that are not made as they should be: what is good in them is to lie elsewhere. */
  readonly #broken = new Set<string>();
  #bytes = 0;
  #total = 0;

  constructor(engine: Engine, options: RepairOptions, isRebuilt: boolean) {
    this.#engine = engine;
    this.#options = options;
    this.#workers = new CheckWorkers(engine);
    this.#isRebuilt = isRebuilt;
    this.#isDryRun = options.dryRun ?? false;
    this.#quarantine = new Quarantine(engine.disk, this.#isDryRun);
  }

  async run(): Promise<RepairReport> {
    if (!this.#isDryRun) {
      prepareToWrite(this.#engine);
      this.#engine.catalog.clearDeadSessions();
    }
    const names = this.#sortFiles();
    const engine = this.#engine;
    const { catalog, disk, chunks } = engine;
    chunks.closeOthers(() => false); // What was open may have another name now.
    const wrong = await this.#checkListed();
    const unlisted = await this.#findUnlisted(names);
    const found = this.#takeIn(wrong, unlisted);
    if (!this.#isDryRun) forgetScans(disk);
    const isPending = this.#isDryRun && !this.#isRebuilt;
    const rest = await restoreMissing(engine, {
      ...this.#options,
      workers: this.#workers,
      isDryRun: this.#isDryRun,
      pending: isPending ? { snapshots: found.rows, wrong, unlisted } : NOTHING,
      check: () => this.#check(),
    });
    await this.#evacuate();
    if (!this.#isDryRun) {
      this.#remarks.push(...prepareToWrite(engine).remarks);
      catalog.checks.noteDegraded(
        rest.degraded.map(({ id, paths }) => ({ snapshot: id, paths: paths.count })),
      );
    }
    const listed = [...catalog.snapshots.all()].length;
    return {
      dryRun: this.#isDryRun,
      rebuilt: this.#isRebuilt,
      snapshots: listed + (isPending ? found.rows.length : 0),
      recovered: found.rows.map(told),
      unnamed: found.unnamed.map(told),
      lost: found.lost.map(told),
      degraded: rest.degraded,
      missing: rest.missing,
      chunksAdded:
        unlisted.reduce((sum, { rows }) => sum + rows.length / CHUNK_ROW_BYTES, 0) +
        rest.foundInPacks,
      chunksRemoved: wrong.length,
      chunksHealed: rest.healed,
      quarantined: this.#quarantine.paths,
      remarks: this.#remarks,
      durationMs: performance.now() - this.#startedMs,
    };
  }

  /** Returns once its threads have ended. */
  async close(): Promise<void> {
    await this.#workers.close();
    this.#engine.chunks.closeOthers(() => false);
  }

  #check(): void {
    this.#options.signal?.throwIfAborted();
  }

  #sortFiles(): string[] {
    const { catalog, disk } = this.#engine;
    const packs = new Map(catalog.losses.packs().map((pack) => [pack.name, pack]));
    const retired = new Set(catalog.collection.retiredPacks().map(({ name }) => name));
    const known = {
      storeId: catalog.storeId,
      isUsed: (name: string) => (packs.get(name)?.lengthBytes ?? 0) > 0,
      isOwned: (name: string) => packs.get(name)?.isOwned === true || retired.has(name),
    };
    const sorted = sortPackFiles(disk, known, this.#quarantine, this.#isDryRun);
    this.#remarks.push(...sorted.remarks);
    if (sorted.aliases.length > 0) {
      this.#workers = new CheckWorkers(this.#engine, sorted.aliases); // The others have not begun anything.
      this.#engine = seenAs(this.#engine, sorted.aliases);
    }
    return sorted.names;
  }

  /** Looks at all chunks that the catalog lists, and returns the rows of those that are not there. */
  async #checkListed(): Promise<WrongRow[]> {
    const engine = this.#engine;
    const { catalog } = engine;
    const check = () => this.#check();
    const packs = catalog.losses.packs();
    this.#total = packs.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    this.#workers.expect(this.#total);
    const listed = await inTurns(ListedChunks.read(engine), check);
    const wrong: WrongRow[] = [];
    const plans = packs.map((pack) => ({ pack, fromBytes: 0, withChunks: true }));
    await checkPacks(engine, this.#workers, { plans, listed, deep: true }, check, {
      mayCheck: (bytes) => {
        this.#progress(bytes);
        return true;
      },
      onStructure: (pack, problems) => {
        // What cannot be read now may be whole: it stays where it is.
        if (problems.some(({ kind }) => !STAYS.includes(kind))) this.#broken.add(pack.name);
      },
      onPart(pack, { rows }, bad) {
        for (const { index } of bad) {
          const at = index * CHUNK_ROW_BYTES;
          const row = Buffer.from(rows.subarray(at, at + CHUNK_ROW_BYTES));
          const digest = row.subarray(0, DIGEST_BYTES);
          wrong.push({ digest, pack: pack.id, place: row.subarray(DIGEST_BYTES) });
        }
      },
      onDone: () => undefined,
    });
    return wrong;
  }

  #progress(bytes: number): void {
    this.#bytes += bytes;
    const total = Math.max(this.#total, this.#bytes);
    this.#options.onProgress?.({ phase: "check", bytes: this.#bytes, total });
  }

  /** Looks behind what was committed, and through the packs that the catalog does not list. */
  async #findUnlisted(names: readonly string[]): Promise<UnlistedChunks[]> {
    const onChecked = (bytes: number) => {
      this.#check();
      this.#progress(bytes);
    };
    const { unlisted, unreadable, unknown } = await searchPacks(
      this.#engine,
      this.#workers,
      names,
      onChecked,
    );
    for (const name of unreadable)
      this.#remarks.push(
        `pack ${name} could not be read to its end, and stays: copy it to a sound disk and repair again`,
      );
    for (const { name, isWhole, isReadable } of unlisted)
      if (!isWhole && isReadable) this.#broken.add(name);
    for (const name of unknown) {
      this.#remarks.push(`pack ${name} has no index record that can be read`);
      this.#quarantine.take(packPath(name));
    }
    return unlisted;
  }

  /** Has the catalog list what was found, in one transaction: a record that is listed without its snapshot was removed. */
  #takeIn(wrong: readonly WrongRow[], found: readonly UnlistedChunks[]): FoundSnapshots {
    const { catalog } = this.#engine;
    if (this.#isDryRun && !this.#isRebuilt) return this.#register([], wrong, found);
    const packs = this.#own(found);
    try {
      // What another session has taken meanwhile is not this one's to add.
      const taken = found.filter(({ name }) => packs.some((pack) => pack.name === name));
      return this.#register(packs, wrong, taken);
    } catch (error) {
      catalog.releasePacks(packs.map(({ id }) => id));
      throw error;
    }
  }

  #register(
    packs: readonly (UnlistedChunks & { readonly id: number })[],
    wrong: readonly WrongRow[],
    unlisted: readonly UnlistedChunks[],
  ): FoundSnapshots {
    const engine = this.#engine;
    const { catalog, disk } = engine;
    // A catalog that is made anew appears only when it is whole, and all chunks are found faster in it.
    const isAtOnce = this.#isRebuilt;
    if (!this.#isDryRun) syncPacks(disk, unlisted);
    if (isAtOnce) catalog.repairs.apply({ packs, wrong: [], snapshots: [] });
    const rows = unlisted.map((each) =>
      isAtOnce ? each.rows : notListed(catalog.chunks, each.rows),
    );
    const objects = isAtOnce
      ? listedObjects(engine)
      : new FoundObjects(disk, catalog.storeId, unlisted, listedObjects(engine));
    const found = sortOut(objects, recordsIn(objects, rows), catalog.snapshots);
    const { rows: snapshots } = found;
    if (isAtOnce) catalog.repairs.apply({ packs: [], wrong, snapshots });
    else if (!this.#isDryRun) catalog.repairs.apply({ packs, wrong, snapshots });
    return found;
  }

  #own(unlisted: readonly UnlistedChunks[]) {
    const { catalog } = this.#engine;
    catalog.beginWriting();
    return unlisted.flatMap((chunks) => {
      const id = catalog.repairs.own(chunks.name);
      return id === undefined ? [] : [{ ...chunks, id }];
    });
  }

  async #evacuate(): Promise<void> {
    if (this.#isDryRun) return;
    for (const name of this.#broken) {
      this.#check();
      const remark = await evacuate(this.#engine, name, this.#quarantine);
      if (remark !== undefined) this.#remarks.push(remark);
    }
  }
}

/** What is wrong with a pack in which all that counts can stay. */
const STAYS: readonly PackProblemKind[] = ["gap", "row", "unreadable"];

const NOTHING = { snapshots: [], wrong: [], unlisted: [] };
