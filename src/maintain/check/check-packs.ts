/**
 * Check packs: all packs of a store, a group at a time, each in parts that threads check beside one another.
 */
import type { PackState } from "../../catalog/loss-table.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import type { Engine } from "../../snapshot/engine.js";
import { inTurns } from "../../threads/in-turns.js";
import type { BadChunk } from "./check-chunks.js";
import type { PackProblem } from "./check-structure.js";
import type { CheckWorkers } from "./check-workers.js";
import type { PackUse } from "./listed-rows.js";
import { packRows } from "./pack-rows.js";
import { lengthAt, offsetAt } from "./sort-rows.js";

/** A part is so much of a pack: 40 ms of SHA-256, and a message costs 55 µs. */
const PART_BYTES = 16 * 1024 * 1024;
/** Rows that are held at a time, 56 bytes each. */
const GROUP_ROWS_MAX = 2_000_000;

/** A pack with what is to be checked of it. */
export interface PackPlan {
  readonly pack: Pick<PackState, "id" | "name" | "lengthBytes">;
  /** Where to start: chunks below are left out. */
  readonly fromBytes: number;
  /** Whether its chunks are looked at, or only how it is made. */
  readonly withChunks: boolean;
}

/** What is to be done. */
export interface PackChecks {
  readonly plans: readonly PackPlan[];
  /** How much of each pack the catalog lists. */
  readonly uses: ReadonlyMap<number, PackUse>;
  /** Whether to compute SHA-256. */
  readonly deep: boolean;
}

/** Told of what comes of it. */
export interface PackWatcher {
  /** Whether to go on with a part of so many bytes. */
  mayCheck(bytes: number): boolean;
  /** How a pack is made. */
  onStructure(pack: PackPlan["pack"], problems: readonly PackProblem[]): void;
  /** A part of a pack was checked: its rows, of which some are not as they should be. */
  onPart(pack: PackPlan["pack"], rows: Buffer, bad: readonly BadChunk[]): void;
  /** Up to here a pack was found to be as it should be, one part behind the other. */
  onDone(pack: PackPlan["pack"], doneBytes: number, isWhole: boolean): void;
}

/**
 * Checks packs in their order.
 *
 * @throws what `check` throws, now and then
 */
export async function checkPacks(
  engine: Pick<Engine, "catalog">,
  workers: CheckWorkers,
  { plans, uses, deep }: PackChecks,
  check: () => void,
  watcher: PackWatcher,
): Promise<void> {
  for (let index = 0; index < plans.length; ) {
    const counts = new Map<number, number>();
    const group: PackPlan[] = [];
    for (let rows = 0; index < plans.length; index++) {
      const plan = plans[index]!;
      const count = uses.get(plan.pack.id)?.chunks ?? 0;
      if (group.length > 0 && rows + count > GROUP_ROWS_MAX) break;
      rows += count;
      counts.set(plan.pack.id, count);
      group.push(plan);
    }
    const rows = await inTurns(packRows(engine, counts), check);
    // After the rows: what is appended meanwhile only makes packs longer.
    const lengths = new Map(engine.catalog.losses.packs().map((pack) => [pack.id, pack]));
    const run: Run = { workers, deep, watcher, check, running: new Set(), failure: undefined };
    try {
      for (const plan of group) {
        const pack = lengths.get(plan.pack.id);
        // It was collected, or nothing of it counts yet.
        if (pack === undefined || pack.lengthBytes === 0) continue;
        await checkPack({ ...plan, pack }, rows.get(pack.id)!, run);
        rows.delete(pack.id);
      }
    } finally {
      await Promise.all(run.running);
    }
    if (run.failure !== undefined) throw run.failure.error;
  }
}

interface Run {
  readonly workers: CheckWorkers;
  readonly deep: boolean;
  readonly watcher: PackWatcher;
  readonly check: () => void;
  /** Jobs that are under way; they do not reject. */
  readonly running: Set<Promise<void>>;
  failure: { readonly error: unknown } | undefined;
}

/** Hands out the jobs of a pack; returns once there is room for more, the last of them still running. */
async function checkPack(
  { pack, fromBytes, withChunks }: PackPlan,
  rows: Buffer,
  run: Run,
): Promise<void> {
  const { workers, deep, watcher } = run;
  const { name, lengthBytes } = pack;
  await start(run, async () => {
    const job = { type: "structure", name, lengthBytes, rows: new Uint8Array(rows) } as const;
    watcher.onStructure(pack, await workers.run(job, rows.length));
  });
  if (!withChunks) return;
  const parts = [...partsOf(rows, fromBytes)];
  const isDone = parts.map(() => false);
  let done = 0;
  if (parts.length === 0) watcher.onDone(pack, lengthBytes, true);
  for (const [index, part] of parts.entries()) {
    const bytes = bytesOf(part);
    if (!watcher.mayCheck(bytes)) return;
    await start(run, async () => {
      const job = { type: "chunks", name, rows: new Uint8Array(part), deep } as const;
      const bad = await workers.run(job, bytes);
      watcher.onPart(pack, part, bad);
      isDone[index] = bad.length === 0;
      const before = done;
      while (isDone[done] === true) done++;
      if (done === before) return;
      const isWhole = done === parts.length;
      watcher.onDone(pack, isWhole ? lengthBytes : offsetAt(parts[done]!, 0), isWhole);
    });
  }
}

/** Starts a job once there is room for it. */
async function start(run: Run, job: () => Promise<void>): Promise<void> {
  const { workers, running } = run;
  while (running.size >= workers.width) await Promise.race(running);
  run.check();
  if (run.failure !== undefined) throw run.failure.error;
  const promise: Promise<void> = job()
    .catch((error: unknown) => void (run.failure ??= { error }))
    .finally(() => running.delete(promise));
  running.add(promise);
}

function* partsOf(rows: Buffer, fromBytes: number): Generator<Buffer> {
  let first = 0;
  while (first < rows.length && offsetAt(rows, first) < fromBytes) first += CHUNK_ROW_BYTES;
  for (let at = first; at < rows.length; ) {
    const start = at;
    let bytes = 0;
    for (; at < rows.length && bytes < PART_BYTES; at += CHUNK_ROW_BYTES)
      bytes += lengthAt(rows, at);
    yield rows.subarray(start, at);
  }
}

/** Returns how many bytes the chunks of some rows have. */
export function bytesOf(rows: Buffer): number {
  let bytes = 0;
  for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) bytes += lengthAt(rows, at);
  return bytes;
}
