/**
 * Store handle: what all calls on a store go through.
 */
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { CoppiceError } from "../model/error.js";
import type { Engine } from "../snapshot/engine.js";
import { closeEngine } from "../snapshot/engine.js";
import { findSnapshot } from "../snapshot/find-snapshot.js";
import type { Snapshot } from "../snapshot/snapshot.js";

/** The handle on one directory on disk that holds snapshots, as far as opening and closing go. */
export class StoreHandle {
  /** The store's directory, absolute, with symbolic links resolved. */
  readonly directory: string;
  readonly #engine: Engine;
  /** What is under way. */
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  /** @internal */
  protected constructor(engine: Engine) {
    this.#engine = engine;
    this.directory = engine.directory;
  }

  /**
   * Closes the store; what is under way ends first. Idempotent.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
    await this.leave(this.#engine);
    closeEngine(this.#engine);
  }

  /** Does what `close` does, for `await using` where the language has it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Called once, before the store is closed.
   *
   * @internal
   */
  protected async leave(_engine: Engine): Promise<void> {
    // Nothing is kept here.
  }

  /**
   * Has `close` wait for something.
   *
   * @internal
   */
  protected async track<T>(operation: Promise<T>): Promise<T> {
    this.#running.add(operation);
    try {
      return await operation;
    } finally {
      this.#running.delete(operation);
    }
  }

  /**
   * Returns what the store consists of.
   *
   * @internal
   * @throws {CoppiceError} STORE_CLOSED
   */
  protected use(): Engine {
    if (this.#isClosed)
      throw new CoppiceError("STORE_CLOSED", "Cannot use store: it is closed, open it again");
    return this.#engine;
  }

  /**
   * Returns the row of a snapshot, or of what refers to one.
   *
   * @internal
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS
   * @throws {TypeError} where it is neither
   */
  protected rowOf(snapshot: Snapshot | string): SnapshotRow {
    const reference = typeof snapshot === "string" ? snapshot : snapshot?.id;
    if (typeof reference !== "string") {
      const given = snapshot === null ? "null" : typeof snapshot;
      throw new TypeError(
        `Cannot find snapshot: give one, or its id, name or digest, not ${given}`,
      );
    }
    return findSnapshot(this.use().catalog.snapshots, reference);
  }
}
