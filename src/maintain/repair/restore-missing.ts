/**
 * Restore missing: looks for what snapshots refer to and is not there: first in packs, whose dead bytes may hold it, then in
 * directories.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { ChunkLocator } from "../../catalog/chunk-locator.js";
import type { WrongRow } from "../../catalog/repair-table.js";
import type { SnapshotFilter, SnapshotRow } from "../../catalog/snapshot-table.js";
import { DigestSet } from "../../hash/digest-set.js";
import { sha256 } from "../../hash/sha256.js";
import type { OnProgress } from "../../model/options.js";
import { CHUNK_KINDS } from "../../pack/chunk-location.js";
import type { ChunkSink } from "../../scan/chunk-pipeline.js";
import { Commitment } from "../../snapshot/commitment.js";
import type { Engine } from "../../snapshot/engine.js";
import { encodeSnapshotRecord } from "../../snapshot/record-codec.js";
import { writerBase } from "../../snapshot/writer-base.js";
import { inTurns } from "../../threads/in-turns.js";
import { ReachableChunks } from "../../tree/reachable-chunks.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { affectedPaths } from "../check/affected-paths.js";
import { checkObject } from "../check/check-object.js";
import { findMissing, listedObjects } from "../check/check-snapshots.js";
import type { CheckWorkers } from "../check/check-workers.js";
import type { AffectedSnapshot } from "../check/damage.js";
import { DamageList } from "../check/damage-list.js";
import type { UnlistedChunks } from "./find-unlisted.js";
import { FoundObjects } from "./found-objects.js";
import { Healer, type Wanted } from "./heal.js";
import { HeldChunks } from "./held-chunks.js";
import { takeFromPacks } from "./take-from-packs.js";

/** How it is done. */
export interface RestoreMissing {
  /** Directories to look in, beside those that the store knows. */
  readonly from?: readonly string[];
  readonly workers: CheckWorkers;
  readonly isDryRun: boolean;
  /** Snapshots that are not registered yet, rows that are still there, chunks that are not listed yet: of a dry run. */
  readonly pending: {
    readonly snapshots: readonly SnapshotRow[];
    readonly wrong: readonly WrongRow[];
    readonly unlisted: readonly UnlistedChunks[];
  };
  readonly onProgress?: OnProgress | undefined;
  readonly check: () => void;
  /** What a first look came to, where there was one and nothing has changed since. */
  readonly look?: Look | undefined;
}

/** How it is looked for. */
type LookForMissing = Pick<RestoreMissing, "check" | "onProgress"> &
  Partial<Pick<RestoreMissing, "pending">>;

/** What snapshots refer to and is not there. */
export interface Look {
  readonly damage: DamageList;
  readonly rows: readonly SnapshotRow[];
  readonly objects: ObjectSource;
  /** How many chunks were reached. */
  readonly chunks: number;
}

/** What came of it. */
export interface RestoredMissing {
  /** Chunks that were stored again. */
  readonly healed: number;
  /** Chunks that were found in packs. */
  readonly foundInPacks: number;
  /** What misses still. */
  readonly missing: DamageList["counted"];
  readonly degraded: readonly AffectedSnapshot[];
}

const NOTHING: RestoreMissing["pending"] = { snapshots: [], wrong: [], unlisted: [] };

/** What is found brings up what lies below it: a directory in a directory, so often. */
const ROUNDS_MAX = 100;

/** Restores what snapshots miss. */
export async function restoreMissing(
  engine: Engine,
  options: RestoreMissing,
): Promise<RestoredMissing> {
  const { check, isDryRun } = options;
  let healed = 0;
  let foundInPacks = 0;
  const held = new HeldChunks();
  for (let round = 1; ; round++) {
    const isFirst = round === 1 && options.look !== undefined;
    const look = isFirst ? options.look : await lookForMissing(engine, options, undefined, held);
    const { damage, rows, objects } = look;
    const sizes = new Set<number>();
    const { digests } = damage;
    const degraded = await inTurns(affectedPaths(objects, rows, digests, sizes), check);
    const done = { healed, foundInPacks, missing: damage.counted, degraded };
    if (digests.size === 0 || round > ROUNDS_MAX) return done;
    const fromPacks = isDryRun ? 0 : await takeFromPacks(engine, options.workers, digests, check);
    foundInPacks += fromPacks;
    if (fromPacks > 0) continue;
    const torn = degraded.filter(({ paths }) =>
      paths.paths.some(({ path, reason }) => reason !== undefined || path === ""),
    );
    const wanted: Wanted = { digests, sizes, filters: filtersOf(torn, rows) };
    const found = isDryRun
      ? await search(engine, wanted, rows, options, held)
      : await heal(engine, wanted, rows, options);
    healed += found;
    if (found === 0) return done;
  }
}

/**
 * Looks for all that snapshots refer to.
 *
 * @param places where objects lay a while ago
 * @param held counts as if it were stored
 */
export async function lookForMissing(
  engine: Engine,
  { pending = NOTHING, check, onProgress }: LookForMissing,
  places?: ChunkLocator,
  held = new HeldChunks(),
): Promise<Look> {
  const { catalog, disk } = engine;
  const listed = listedObjects(engine, places);
  const found = new FoundObjects(disk, catalog.storeId, pending.unlisted, listed);
  const objects = held.over(found);
  const wrong = new DigestSet();
  for (const { digest } of pending.wrong) wrong.add(digest);
  const isThere = (digest: Buffer) =>
    held.has(digest) || found.has(digest) || (!wrong.has(digest) && catalog.chunks.has(digest));
  const damage = new DamageList();
  const tell = (digest: Buffer) =>
    damage.add(Buffer.from(digest), isThere(digest) ? "undecodable" : "missing");
  const rows = [...pending.snapshots, ...catalog.snapshots.all()];
  const reached = new ReachableChunks(objects, {
    onObject: checkObject,
    onDamage: tell,
  });
  await inTurns(reached.reach(rows.map(({ digest }) => ({ digest, role: "root" }))), () => {
    check();
    onProgress?.({ phase: "mark", chunks: reached.count });
  });
  const tellIfMissing = (digest: Buffer) => {
    if (!isThere(digest)) tell(digest);
  };
  await inTurns(findMissing(engine, reached, tellIfMissing), check);
  // These are listed.
  for (const { digest } of pending.wrong) if (reached.hasData(digest)) tellIfMissing(digest);
  for (const { record } of rows) if (!isThere(record)) tell(record);
  return { damage, rows, objects, chunks: reached.count };
}

function filtersOf(
  torn: readonly AffectedSnapshot[],
  rows: readonly SnapshotRow[],
): SnapshotFilter[] {
  const filters = new Map<string, SnapshotFilter>();
  for (const { id } of torn) {
    const filter = rows.find((row) => row.id === id)?.filter;
    if (filter !== undefined) filters.set(JSON.stringify(filter), filter);
  }
  return [...filters.values()];
}

/** Stores again what is found in directories, or in the catalog; returns how many chunks these are. */
async function heal(
  engine: Engine,
  wanted: Wanted,
  rows: readonly SnapshotRow[],
  options: RestoreMissing,
): Promise<number> {
  const { catalog, disk } = engine;
  const base = writerBase(engine);
  const commitment = new Commitment(engine, base);
  try {
    const found = await search(engine, wanted, rows, options, base.chunks);
    if (found === 0) return 0;
    const packs = base.chunks.finish(true);
    const addition = { packs, synced: packs, bootId: disk.bootId };
    commitment.run(() => catalog.commit(addition, "full"));
    return found;
  } finally {
    commitment.end();
  }
}

async function search(
  engine: Engine,
  wanted: Wanted,
  rows: readonly SnapshotRow[],
  { from = [], check, onProgress }: RestoreMissing,
  sink: ChunkSink,
): Promise<number> {
  const onFile = (files: number, missing: number) =>
    onProgress?.({ phase: "heal", files, missing });
  const healer = new Healer(engine, wanted, sink, onFile, check);
  for (const row of rows) {
    const bytes = wanted.digests.has(row.record) ? encodeSnapshotRecord(row) : undefined;
    // As it was written, unless its name or parents were changed since.
    if (bytes !== undefined && sha256(bytes).equals(row.record))
      healer.offer(bytes, row.record, CHUNK_KINDS.record);
  }
  const known = engine.catalog.repairs.knownDirectories();
  const sources = rows.map(({ source }) => source);
  for (const directory of new Set([...from.map((each) => resolve(each)), ...known, ...sources]))
    if (existsSync(directory)) await healer.search(directory);
  return healer.found;
}
