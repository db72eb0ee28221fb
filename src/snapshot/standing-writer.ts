/**
 * Standing writer: what small snapshots that follow one another have in common. To open a pack, to own it and to look for
 * damage takes longer than to write such a snapshot: it is done once for all that follow within a second.
 */
import type { Durability } from "../model/options.js";
import type { Engine } from "./engine.js";
import { SnapshotWriter } from "./snapshot-writer.js";
import type { WriterBase } from "./writer-base.js";
import { writerBase } from "./writer-base.js";

/** How long a base is used, and how long it stands unused, milliseconds: then the store is looked at again. */
const STANDING_MS = 1_000;

export class StandingWriter {
  readonly #engine: Engine;
  #standing: { readonly base: WriterBase; readonly sinceMs: number } | undefined;
  #isLent = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Writes with a writer, and closes it; with one of its own where another is at work.
   *
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
   */
  async use<T>(
    durability: Durability | undefined,
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
