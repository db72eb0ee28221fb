/**
 * Check packs: all packs of a store, a group at a time, each in parts that threads check beside one another.
 */
import type { PackState } from "../../catalog/loss-table.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import type { Engine } from "../../snapshot/engine.js";
import { inTurns } from "../../threads/in-turns.js";
import { SomeAtOnce } from "../../threads/some-at-once.js";
import type { BadChunk } from "./check-chunks.js";
import type { PackProblem } from "./check-structure.js";
import type { CheckWorkers } from "./check-workers.js";
import { type ListedChunks, ROWS_HELD_MAX } from "./listed-chunks.js";
import { lengthAt, offsetAt } from "./sort-rows.js";

/** A part is so much of a pack: 40 ms of SHA-256, and a message costs 55 µs. */
const PART_BYTES = 16 * 1024 * 1024;

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
  /** What the catalog lists of the packs. */
  readonly listed: ListedChunks;
  /** Whether to compute SHA-256. */
  readonly deep: boolean;
}

/** Told of what comes of it. */
export interface PackWatcher {
  /** Whether to go on with a part of so many bytes. */
  mayCheck(bytes: number): boolean;
  /** How a pack is made. */
  onStructure(pack: PackPlan["pack"], problems: readonly PackProblem[]): void;
  /** A part of a pack was checked, of whose rows some are not as they should be. */
  onPart(pack: PackPlan["pack"], part: PackPart, bad: readonly BadChunk[]): void;
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
  { plans, listed, deep }: PackChecks,
  check: () => void,
  watcher: PackWatcher,
): Promise<void> {
  for (let index = 0; index < plans.length; ) {
    const group: PackPlan[] = [];
    for (let rows = 0; index < plans.length; index++) {
      const plan = plans[index]!;
      const count = listed.uses.get(plan.pack.id)?.chunks ?? 0;
      if (group.length > 0 && rows + count > ROWS_HELD_MAX) break;
      rows += count;
      group.push(plan);
    }
    const rows = await inTurns(listed.rowsOf(group.map(({ pack }) => pack.id)), check);
    // After the rows: what is appended meanwhile only makes packs longer.
    const lengths = new Map(engine.catalog.losses.packs().map((pack) => [pack.id, pack]));
    const jobs = new SomeAtOnce();
    const start = async (job: () => Promise<void>) => {
      await jobs.start(workers.width, job);
      check();
    };
    const run: Run = { workers, deep, watcher, start };
    try {
      for (const plan of group) {
        const pack = lengths.get(plan.pack.id);
        // It was collected, or nothing of it counts yet.
        if (pack === undefined || pack.lengthBytes === 0) continue;
        await checkPack({ ...plan, pack }, rows.get(pack.id)!, run);
        rows.delete(pack.id);
      }
    } finally {
      await jobs.settle();
    }
    await jobs.end();
  }
}

interface Run {
  readonly workers: CheckWorkers;
  readonly deep: boolean;
  readonly watcher: PackWatcher;
  /** Starts a job once there is room for it. */
  readonly start: (job: () => Promise<void>) => Promise<void>;
}

/** Hands out the jobs of a pack; returns once there is room for more, the last of them still running. */
async function checkPack(
  { pack, fromBytes, withChunks }: PackPlan,
  rows: Buffer,
  run: Run,
): Promise<void> {
  const { workers, deep, watcher, start } = run;
  const { name, lengthBytes } = pack;
  await start(async () => {
    const job = { type: "structure", name, lengthBytes, rows: new Uint8Array(rows) } as const;
    watcher.onStructure(pack, await workers.run(job));
  });
  if (!withChunks) return;
  const parts = [...partsOf(rows, fromBytes)];
  const isDone = parts.map(() => false);
  let done = 0;
  if (parts.length === 0) watcher.onDone(pack, lengthBytes, true);
  for (const [index, part] of parts.entries()) {
    if (!watcher.mayCheck(part.bytes)) return;
    await start(async () => {
      const job = { type: "chunks", name, rows: new Uint8Array(part.rows), deep } as const;
      const bad = await workers.run(job);
      watcher.onPart(pack, part, bad);
      isDone[index] = bad.length === 0;
      const before = done;
      while (isDone[done] === true) done++;
      if (done === before) return;
      const isWhole = done === parts.length;
      watcher.onDone(pack, isWhole ? lengthBytes : offsetAt(parts[done]!.rows, 0), isWhole);
    });
  }
}

/** Some of a pack's chunks, one behind the other. */
export interface PackPart {
  readonly rows: Buffer;
  /** How many bytes the chunks have. */
  readonly bytes: number;
}

/** Yields a pack's chunks in parts for a thread each. */
export function* partsOf(rows: Buffer, fromBytes = 0): Generator<PackPart> {
  let first = 0;
  while (first < rows.length && offsetAt(rows, first) < fromBytes) first += CHUNK_ROW_BYTES;
  for (let at = first; at < rows.length; ) {
    const start = at;
    let bytes = 0;
    for (; at < rows.length && bytes < PART_BYTES; at += CHUNK_ROW_BYTES)
      bytes += lengthAt(rows, at);
    yield { rows: rows.subarray(start, at), bytes };
  }
}
