/**
 * Verify: whether a store is as it should be.
 *
 *                +-> packs, oldest check first -+
 *     all rows --+                              +-> what is damaged, once more -> whose it is
 *                +-> snapshots, their trees ----+
 *
 * It only reads, and notes what it has checked where it may write. Others go on meanwhile: what they remove or move is looked for
 * again before anything is said of it.
 */
import type { PackCheck } from "../../catalog/check-table.js";
import { CoppiceError } from "../../model/error.js";
import type { OnProgress } from "../../model/options.js";
import { explainFailure } from "../../model/system-failure.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import type { Engine } from "../../snapshot/engine.js";
import { inTurns } from "../../threads/in-turns.js";
import { affectedPaths } from "../check/affected-paths.js";
import { checkPacks, type PackPlan } from "../check/check-packs.js";
import { listedObjects } from "../check/check-snapshots.js";
import { CheckWorkers } from "../check/check-workers.js";
import type { AffectedSnapshot } from "../check/damage.js";
import { ListedChunks } from "../check/listed-chunks.js";
import { Findings } from "./findings.js";
import { type DuePack, duePacks } from "./pack-order.js";
import { unlistedRemarks } from "./unlisted-remarks.js";
import type { VerifyReport } from "./verify-report.js";

/** How a store is verified. */
export interface VerifyOptions {
  /** Whether SHA-256 of all chunks is computed, beside their checksums. @default false */
  readonly deep?: boolean;
  /**
   * The share of the stored bytes that is looked at, above 0 and at most 1: that which was not looked at for the longest time.
   * @default 1
   */
  readonly sample?: number;
  /** Leaves out the packs that were checked since then. */
  readonly since?: Date;
  /** Ends it; the next one goes on from there. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `check`, then `mark` where trees take longer to read than packs. */
  readonly onProgress?: OnProgress;
}

/** One that was ended is gone on with for a week: after that it would say little. */
const RESUMED_MS_MAX = 7 * 24 * 3600 * 1000;
/** What was done is noted so often. */
const NOTE_MS = 2_000;

/** Verifies a store; see `Store.verify`. */
export async function verify(engine: Engine, options: VerifyOptions): Promise<VerifyReport> {
  checkOptions(options);
  const { signal } = options;
  const action = `verify ${engine.directory}`;
  const workers = new CheckWorkers(engine);
  try {
    signal?.throwIfAborted();
    return await new Verification(engine, options, workers).run();
  } catch (error) {
    throw explainFailure(error, action, signal, "the next one goes on from there");
  } finally {
    await workers.close();
  }
}

function checkOptions({ sample, since }: VerifyOptions): void {
  if (sample !== undefined && !(sample > 0 && sample <= 1))
    throw new RangeError(`Cannot verify a share of ${sample}: give one above 0, and at most 1`);
  if (since !== undefined && Number.isNaN(since.getTime()))
    throw new TypeError("Cannot verify since an invalid date: give a valid one");
}

class Verification {
  readonly #engine: Engine;
  readonly #options: VerifyOptions;
  readonly #workers: CheckWorkers;
  readonly #findings: Findings;
  readonly #startedMs = performance.now();
  readonly #remarks: string[] = [];
  readonly #due = new Map<number, DuePack>();
  readonly #known: ReadonlyMap<number, PackCheck>;
  /** What is to be noted of packs, by their numbers. */
  readonly #notes = new Map<number, PackCheck>();
  #notedMs = performance.now();
  #mayNote = true;
  #arePacksChecked = false;
  #chunks = 0;
  #bytes = 0;
  #packsChecked = 0;

  constructor(engine: Engine, options: VerifyOptions, workers: CheckWorkers) {
    this.#engine = engine;
    this.#options = options;
    this.#workers = workers;
    this.#findings = new Findings(engine, options.deep ?? false);
    this.#known = engine.catalog.checks.packs();
  }

  async run(): Promise<VerifyReport> {
    const { catalog } = this.#engine;
    const { deep = false } = this.#options;
    const findings = this.#findings;
    await this.#checkAll(deep);
    const check = () => this.#options.signal?.throwIfAborted();
    check();
    const snapshots = [...catalog.snapshots.all()];
    const { digests } = findings.damage;
    const objects = listedObjects(this.#engine);
    const affected = await inTurns(affectedPaths(objects, snapshots, digests), check);
    this.#noteDegraded(affected);
    if (this.#isOfEverything && catalog.checks.unfinished() !== undefined)
      this.#attempt(() => catalog.checks.noteUnfinished(undefined));
    const damaged = findings.damage.counted;
    const problems = findings.problems;
    return {
      ok: damaged.count === 0 && problems.count === 0,
      deep,
      snapshots: snapshots.length,
      packs: catalog.losses.packs().length,
      packsChecked: this.#packsChecked,
      chunksChecked: this.#chunks,
      bytesChecked: this.#bytes,
      damaged,
      affected,
      problems,
      remarks: [...this.#remarks, ...unlistedRemarks(this.#engine)],
      durationMs: performance.now() - this.#startedMs,
    };
  }

  /** Has threads check the packs while this one reads the trees, from when they have enough to do. */
  async #checkAll(deep: boolean): Promise<void> {
    const engine = this.#engine;
    const failures: unknown[] = [];
    const check = () => {
      this.#options.signal?.throwIfAborted();
      if (failures.length > 0) throw failures[0];
    };
    const onFailure = (error: unknown) => void failures.push(error);
    const packs = engine.catalog.losses.packs();
    const { sample = 1 } = this.#options;
    this.#workers.expect(sample * packs.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0));
    const listed = await inTurns(ListedChunks.read(engine), check);
    const found: (() => void)[] = [];
    let trees: Promise<unknown> | undefined;
    const readTrees = () => {
      trees ??= this.#readTrees(listed, check).then((add) => found.push(add), onFailure);
    };
    await this.#checkPacks(listed, deep, check, readTrees).catch(onFailure);
    this.#arePacksChecked = true;
    this.#note();
    readTrees();
    await trees;
    if (failures.length > 0) throw failures[0];
    // After what threads found: that says best what is wrong with a chunk.
    for (const add of found) add();
  }

  /** Looks at the catalog and at all snapshots; returns what adds that which was found. */
  async #readTrees({ objects }: ListedChunks, check: () => void): Promise<() => void> {
    // The jobs that have room are handed out first: SQLite looks at all rows at once.
    await new Promise(setImmediate);
    this.#findings.checkCatalog();
    const tell = (chunks: number) => {
      if (this.#arePacksChecked) this.#options.onProgress?.({ phase: "mark", chunks });
    };
    return this.#findings.checkSnapshots(objects, tell, check);
  }

  /** @param onBegun called once there are jobs */
  async #checkPacks(
    listed: ListedChunks,
    deep: boolean,
    check: () => void,
    onBegun: () => void,
  ): Promise<void> {
    const engine = this.#engine;
    const { sample = 1, since, onProgress } = this.#options;
    const { uses } = listed;
    const packs = engine.catalog.losses.packs();
    this.#findings.checkPackNumbers(uses.keys(), packs);
    const sinceMs = since?.getTime() ?? (sample < 1 ? undefined : this.#goOn(deep));
    const due = duePacks(packs, this.#known, { deep, sinceMs, nowMs: Date.now() });
    for (const each of due) this.#due.set(each.pack.id, each);
    const others = packs.filter(({ id }) => !this.#due.has(id));
    const plans: PackPlan[] = [
      ...due.map(({ pack, fromBytes }) => ({ pack, fromBytes, withChunks: true })),
      ...others.map((pack) => ({ pack, fromBytes: 0, withChunks: false })),
    ];
    const dueBytes = due.reduce((sum, { pack }) => sum + (uses.get(pack.id)?.bytes ?? 0), 0);
    const total = Math.ceil(dueBytes * sample);
    let handedOut = 0;
    await checkPacks(engine, this.#workers, { plans, listed, deep }, check, {
      mayCheck: (bytes) => {
        onBegun();
        const may = sample === 1 || handedOut < total;
        handedOut += may ? bytes : 0;
        return may;
      },
      onStructure: (pack, problems) => this.#findings.addPackProblems(pack, problems),
      onPart: (pack, { rows, bytes }, bad) => {
        this.#findings.addBadChunks(pack, rows, bad);
        this.#chunks += rows.length / CHUNK_ROW_BYTES;
        this.#bytes += bytes;
        onProgress?.({ phase: "check", bytes: this.#bytes, total });
      },
      onDone: (pack, doneBytes, isWhole) => this.#onDone(pack, doneBytes, isWhole, deep),
    });
  }

  /** Returns when the verification began that this one goes on with, or begins one that another can go on with. */
  #goOn(deep: boolean): number {
    const { checks } = this.#engine.catalog;
    const nowMs = Date.now();
    const before = checks.unfinished();
    if (before !== undefined && before.begunMs > nowMs - RESUMED_MS_MAX && (before.isDeep || !deep))
      return before.begunMs;
    this.#attempt(() => checks.noteUnfinished({ begunMs: nowMs, isDeep: deep }));
    return nowMs;
  }

  #onDone(
    { id, lengthBytes }: PackPlan["pack"],
    doneBytes: number,
    isWhole: boolean,
    deep: boolean,
  ): void {
    const { begunMs } = this.#due.get(id)!;
    const before = this.#known.get(id) ?? NEVER_CHECKED;
    const whole = { checkedMs: begunMs, checkedBytes: lengthBytes };
    const wholeDeep = { deepMs: begunMs, deepBytes: lengthBytes };
    this.#notes.set(
      id,
      isWhole
        ? { ...before, ...whole, ...(deep && wholeDeep), ...NOTHING_DONE, pack: id }
        : { ...before, begunMs, doneBytes, isDeep: deep, pack: id },
    );
    if (isWhole) this.#packsChecked++;
    if (performance.now() - this.#notedMs >= NOTE_MS) this.#note();
  }

  /** Who may not write can verify as well. */
  #note(): void {
    this.#attempt(() => this.#engine.catalog.checks.note([...this.#notes.values()]));
    this.#notes.clear();
    this.#notedMs = performance.now();
  }

  get #isOfEverything(): boolean {
    const { sample = 1, since } = this.#options;
    return sample === 1 && since === undefined;
  }

  /** What only a part of the store was looked at for may still be so. */
  #noteDegraded(affected: readonly AffectedSnapshot[]): void {
    const { checks } = this.#engine.catalog;
    const before = checks.degraded();
    const now = affected.map(({ id, paths }) => ({ snapshot: id, paths: paths.count }));
    const kept = !this.#isOfEverything
      ? before.filter(({ snapshot }) => !now.some((each) => each.snapshot === snapshot))
      : [];
    if (before.length > 0 || now.length > 0)
      this.#attempt(() => checks.noteDegraded([...kept, ...now]));
  }

  #attempt(note: () => void): void {
    if (!this.#mayNote) return;
    try {
      note();
    } catch (error) {
      if (!(error instanceof CoppiceError)) throw error;
      this.#mayNote = false;
      this.#remarks.push(
        `what was checked could not be noted, the next verification begins anew: ${error.message}`,
      );
    }
  }
}

const NOTHING_DONE = { begunMs: 0, doneBytes: 0, isDeep: false };
const NEVER_CHECKED = { checkedMs: 0, checkedBytes: 0, deepMs: 0, deepBytes: 0, ...NOTHING_DONE };
