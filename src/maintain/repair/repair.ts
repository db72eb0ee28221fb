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
import type { Alias } from "../../disk/aliased-disk.js";
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
import type { PackProblemKind } from "../check/check-structure.js";
import { CheckWorkers } from "../check/check-workers.js";
import { ListedChunks } from "../check/listed-chunks.js";
import { evacuate } from "./evacuate.js";
import type { UnlistedChunks } from "./find-unlisted.js";
import type { FoundSnapshots } from "./found-snapshots.js";
import { Quarantine } from "./quarantine.js";
import type { RepairReport } from "./repair-report.js";
import { type Look, restoreMissing } from "./restore-missing.js";
import { type SearchedPacks, searchPacks } from "./search-packs.js";
import { seenAs } from "./seen-as.js";
import { sortPackFiles } from "./sort-pack-files.js";
import { findSnapshots, takeIn, takeInAnew } from "./take-in.js";
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

/**
 * Repairs a store whose catalog is whole; see `Store.repair`.
 *
 * @param startAgain where the catalog is made anew: returns the store with another one, as it was before anything was added
 */
export async function repair(
  engine: Engine,
  options: RepairOptions,
  startAgain?: () => Engine,
): Promise<RepairReport> {
  const { signal } = options;
  const action = `repair ${engine.directory}`;
  const repairing = new Repair(engine, options, startAgain);
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
  /** Of a dry run: how packs would be seen. */
  #aliases: readonly Alias[] = [];
  readonly #options: RepairOptions;
  #workers: CheckWorkers;
  /** Absent where the catalog is not made anew. */
  readonly #startAgain: (() => Engine) | undefined;
  readonly #isDryRun: boolean;
  readonly #startedMs = performance.now();
  readonly #quarantine: Quarantine;
  readonly #remarks: string[] = [];
  /** Packs that are not made as they should be: what is good in them is to lie elsewhere. */
  readonly #broken = new Set<string>();
  #bytes = 0;
  #total = 0;

  constructor(engine: Engine, options: RepairOptions, startAgain: (() => Engine) | undefined) {
    this.#engine = engine;
    this.#options = options;
    this.#workers = new CheckWorkers(engine);
    this.#startAgain = startAgain;
    this.#isDryRun = options.dryRun ?? false;
    this.#quarantine = new Quarantine(engine.disk, this.#isDryRun);
  }

  async run(): Promise<RepairReport> {
    this.#startThreads();
    if (!this.#isDryRun) {
      prepareToWrite(this.#engine);
      this.#engine.catalog.clearDeadSessions();
    }
    const names = await this.#sortFiles();
    this.#engine.chunks.closeOthers(() => false); // What was open may have another name now.
    const wrong = await this.#checkListed();
    const { unlisted, found, look } =
      this.#startAgain === undefined
        ? await this.#findUnlisted(names, wrong)
        : await this.#findAll(names, this.#startAgain);
    const engine = this.#engine;
    const { catalog, disk } = engine;
    if (!this.#isDryRun) forgetScans(disk);
    const isPending = this.#isDryRun && this.#startAgain === undefined;
    const rest = await restoreMissing(engine, {
      ...this.#options,
      workers: this.#workers,
      isDryRun: this.#isDryRun,
      pending: isPending ? { snapshots: found.rows, wrong, unlisted } : NOTHING,
      check: () => this.#check(),
      look,
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
      rebuilt: this.#startAgain !== undefined,
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

  /** Before anything else: until they are ready there is something else to do. */
  #startThreads(): void {
    const { disk } = this.#engine;
    for (const name of disk.list("packs"))
      this.#workers.expect(disk.stampOf(`packs/${name}`)?.allocatedBytes ?? 0);
  }

  async #sortFiles(): Promise<string[]> {
    const { catalog, disk } = this.#engine;
    const packs = new Map(catalog.losses.packs().map((pack) => [pack.name, pack]));
    const retired = new Set(catalog.collection.retiredPacks().map(({ name }) => name));
    const known = {
      storeId: catalog.storeId,
      isUsed: (name: string) => (packs.get(name)?.lengthBytes ?? 0) > 0,
      isOwned: (name: string) => packs.get(name)?.isOwned === true || retired.has(name),
    };
    const { names, aliases, remarks } = sortPackFiles(
      disk,
      known,
      this.#quarantine,
      this.#isDryRun,
    );
    this.#remarks.push(...remarks);
    if (aliases.length > 0) {
      this.#aliases = aliases;
      await this.#workers.close();
      this.#workers = new CheckWorkers(this.#engine, aliases);
      this.#startThreads();
      this.#engine = seenAs(this.#engine, aliases);
    }
    return names;
  }

  /** Looks at all chunks that the catalog lists, and returns the rows of those that are not there. */
  async #checkListed(): Promise<WrongRow[]> {
    const engine = this.#engine;
    const { catalog } = engine;
    const check = () => this.#check();
    const packs = catalog.losses.packs();
    this.#total = packs.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
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

  /** Has the catalog list what lies behind what was committed, and in packs that it does not list. */
  async #findUnlisted(names: readonly string[], wrong: readonly WrongRow[]): Promise<Taken> {
    const { unlisted } = await this.#search(names);
    const found = this.#isDryRun
      ? findSnapshots(this.#engine, unlisted)
      : takeIn(this.#engine, wrong, unlisted);
    return { unlisted, found };
  }

  /**
   * Has a new catalog list what all packs hold. Mostly that is what their index records say: so it is taken in, and what snapshots
   * miss is looked for, while the threads still look at the chunks. Where one of these is not good, all but that is done again.
   */
  async #findAll(names: readonly string[], startAgain: () => Engine): Promise<Taken> {
    let taken: Taken | undefined;
    const { isAsTold, unlisted } = await this.#search(names, async (told) => {
      taken = await this.#takeAll(told);
    });
    if (!isAsTold || taken === undefined) {
      this.#engine.chunks.closeOthers(() => false);
      const engine = startAgain();
      this.#engine = this.#aliases.length > 0 ? seenAs(engine, this.#aliases) : engine;
      taken = await this.#takeAll(unlisted);
    }
    this.#options.onProgress?.({ phase: "mark", chunks: taken.look?.chunks ?? 0 });
    return taken;
  }

  async #takeAll(unlisted: readonly UnlistedChunks[]): Promise<Taken> {
    const check = () => this.#check();
    return { unlisted, ...(await takeInAnew(this.#engine, unlisted, this.#isDryRun, check)) };
  }

  async #search(
    names: readonly string[],
    whileChecked?: (told: readonly UnlistedChunks[]) => Promise<void>,
  ): Promise<SearchedPacks> {
    const onChecked = (bytes: number) => {
      this.#check();
      this.#progress(bytes);
    };
    const searched = await searchPacks(this.#engine, this.#workers, names, {
      onChecked,
      whileChecked,
    });
    for (const name of searched.unreadable)
      this.#remarks.push(
        `pack ${name} could not be read to its end, and stays: copy it to a sound disk and repair again`,
      );
    for (const { name, isWhole, isReadable } of searched.unlisted)
      if (!isWhole && isReadable) this.#broken.add(name);
    for (const name of searched.unknown) {
      this.#remarks.push(`pack ${name} has no index record that can be read`);
      this.#quarantine.take(packPath(name));
    }
    return searched;
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

/** What was found, and is listed now where it is no dry run. */
interface Taken {
  readonly unlisted: readonly UnlistedChunks[];
  readonly found: FoundSnapshots;
  /** What snapshots miss, where that was looked for. */
  readonly look?: Look;
}

/** What is wrong with a pack in which all that counts can stay. */
const STAYS: readonly PackProblemKind[] = ["gap", "row", "unreadable"];

const NOTHING = { snapshots: [], wrong: [], unlisted: [] };
