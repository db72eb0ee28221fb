/**
 * Standing writer: what small snapshots that follow one another have in common. To open a pack, to own it and to look for
 * damage takes longer than to write such a snapshot: it is done once for all that follow within a second.
 */
import type { Durability } from "../model/options.js";
import type { Engine } from "./engine.js";
import type { SnapshotDraft, WrittenSnapshot } from "./snapshot-writer.js";
import { SnapshotWriter } from "./snapshot-writer.js";
import type { WriterBase } from "./writer-base.js";
import { writerBase } from "./writer-base.js";

/** How long a base is used, and how long it stands unused, milliseconds: then the store is looked at again. */
const STANDING_MS = 1_000;

/** How many snapshots are committed together at most: others wait for the transaction. */
const GROUP_MAX = 64;

/** A snapshot to be made. */
export interface SnapshotJob<T> {
  /**
   * Puts all that it refers to; returns what it is, or `undefined` where none is to be made. May be called once more where others
   * that were to be committed with it failed.
   */
  build(writer: SnapshotWriter): Promise<SnapshotDraft | undefined>;
  /**
   * Called once it exists.
   *
   * @param written it; `undefined` where none was to be made
   * @param bytesNew bytes that were put for it and are new
   */
  settle(written: Pick<WrittenSnapshot, "row" | "isOver"> | undefined, bytesNew: number): T;
}

interface PendingJob {
  readonly job: SnapshotJob<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export class StandingWriter {
  readonly #engine: Engine;
  /** What is asked for in this turn, by durability. */
  readonly #gathering = new Map<Durability, PendingJob[]>();
  #standing: { readonly base: WriterBase; readonly sinceMs: number } | undefined;
  #isLent = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Makes a snapshot. Those that are asked for in one turn of the event loop are committed together: one record of the packs, one
   * sync, one transaction for all of them. Where that fails each is made alone, so that none fails for another.
   *
   * @throws {CoppiceError} NAME_TAKEN, NOT_FOUND when a parent was removed meanwhile, STORE_BUSY, DISK_FULL, IO
   */
  make<T>(durability: Durability = "full", job: SnapshotJob<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const pending = { job, resolve, reject } as PendingJob;
      const group = this.#gathering.get(durability);
      if (group !== undefined && group.length < GROUP_MAX) {
        group.push(pending);
        return;
      }
      const begun = [pending];
      this.#gathering.set(durability, begun);
      queueMicrotask(() => {
        if (this.#gathering.get(durability) === begun) this.#gathering.delete(durability);
        void this.#makeGroup(durability, begun);
      });
    });
  }

  /** Never rejects: each job is told what became of it. */
  async #makeGroup(durability: Durability, group: readonly PendingJob[]): Promise<void> {
    try {
      const made = await this.#write(durability, (writer) => makeAll(writer, group));
      for (const [index, { resolve }] of group.entries()) resolve(made[index]);
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error);
      else for (const each of group) await this.#makeGroup(durability, [each]);
    }
  }

  /** Writes with a writer, and closes it; with one of its own where another is at work. */
  async #write<T>(
    durability: Durability,
    write: (writer: SnapshotWriter) => Promise<T>,
  ): Promise<T> {
    if (this.#isLent) {
      const writer = new SnapshotWriter(this.#engine, durability);
      try {
        return await write(writer);
      } finally {
        writer.close();
      }
    }
    this.#isLent = true;
    let writer: SnapshotWriter | undefined;
    try {
      writer = new SnapshotWriter(this.#engine, durability, this.#base());
      return await write(writer);
    } finally {
      this.#isLent = false;
      if (writer !== undefined && !writer.isClean) {
        writer.close();
        this.#standing = undefined;
      }
    }
  }

  /** Gives back what is owned. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const standing = this.#standing;
    this.#standing = undefined;
    if (standing !== undefined) new SnapshotWriter(this.#engine, "relaxed", standing.base).close();
  }

  #base(): WriterBase {
    const nowMs = performance.now();
    const standing = this.#standing;
    // What was known is not any more, once chunks were removed.
    const isStale =
      standing !== undefined &&
      (nowMs - standing.sinceMs > STANDING_MS ||
        standing.base.removals !== this.#engine.catalog.collection.removals);
    if (isStale) this.close();
    if (this.#standing === undefined) {
      this.#standing = { base: writerBase(this.#engine), sinceMs: nowMs };
      this.#timer = setTimeout(() => this.#closeIfIdle(), STANDING_MS).unref();
    }
    return this.#standing.base;
  }

  #closeIfIdle(): void {
    if (this.#isLent) this.#timer = setTimeout(() => this.#closeIfIdle(), STANDING_MS).unref();
    else this.close();
  }
}

/** Makes some snapshots in one commit, and returns what each job makes of its own. */
async function makeAll(
  writer: SnapshotWriter,
  group: readonly PendingJob[],
): Promise<readonly unknown[]> {
  const built: { readonly draft: SnapshotDraft | undefined; readonly bytesNew: number }[] = [];
  for (const { job } of group) {
    const before = writer.bytesNew;
    const draft = await job.build(writer);
    built.push({ draft, bytesNew: writer.bytesNew - before });
  }
  const drafts = built.flatMap(({ draft }) => draft ?? []);
  const { snapshots, isOver } =
    drafts.length === 0 ? { snapshots: [], isOver: false } : writer.commitTogether(drafts);
  const next = snapshots.values();
  return built.map(({ draft, bytesNew }, index) => {
    const { job } = group[index]!;
    if (draft === undefined) return job.settle(undefined, bytesNew);
    const { row, bytesOwn } = next.next().value!;
    return job.settle({ row, isOver }, bytesNew + bytesOwn);
  });
}
