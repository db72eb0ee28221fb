/**
 * Commitment: whether what was written into packs was committed, and what becomes of it where it was not.
 */
import { PackInUse, RemovalsMoved } from "../catalog/addition.js";
import { CoppiceError } from "../model/error.js";
import { packPath } from "../pack/pack-codec.js";
import type { Engine } from "./engine.js";
import type { WriterBase } from "./writer-base.js";

/** One commit of what a base's packs got. */
export class Commitment {
  readonly #engine: Pick<Engine, "catalog" | "disk">;
  readonly #base: WriterBase;
  /** `committing`, once that has ended: SQLite failed, before or after all was on the disk. */
  #state: "open" | "committing" | "committed" = "open";

  constructor(engine: Pick<Engine, "catalog" | "disk">, base: WriterBase) {
    this.#engine = engine;
    this.#base = base;
  }

  get isCommitted(): boolean {
    return this.#state === "committed";
  }

  /** Whether surely nothing was committed. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Does what commits; may be tried again where it throws and nothing was committed. */
  run<T>(commit: () => T): T {
    this.#state = "committing";
    try {
      const result = commit();
      this.#state = "committed";
      return result;
    } catch (error) {
      if (wasRolledBack(error)) this.#state = "open";
      throw error;
    }
  }

  /**
   * Ends writing to the packs: what surely was not committed is cut off, and the packs are given back.
   *
   * Does not throw: after the commit its outcome stands, and before it another error says why not. A pack that is not released
   * stays with its session until that ends.
   *
   * @param keepsPacks whether a commit leaves the packs owned
   */
  end(keepsPacks = false): void {
    const { catalog, disk } = this.#engine;
    const { chunks, packs } = this.#base;
    attempt(() => chunks.close());
    if (this.isOpen) attempt(() => cutBack(disk, packs));
    if (!this.isCommitted || keepsPacks)
      attempt(() => catalog.releasePacks(packs.map(({ id }) => id)));
  }
}

/** Whether it is certain that nothing was committed: SQLite could have failed after it had been. */
function wasRolledBack(error: unknown): boolean {
  if (error instanceof RemovalsMoved || error instanceof PackInUse) return true;
  return error instanceof CoppiceError && error.code !== "IO";
}

/** Frees what was written in vain: where it filled the disk, not even the catalog could be written. */
function cutBack(disk: Engine["disk"], packs: WriterBase["packs"]): void {
  for (const { name, lengthBytes } of packs) {
    if (lengthBytes === 0) {
      disk.remove(packPath(name));
      continue;
    }
    const file = disk.open(packPath(name), "write");
    try {
      if (file.size() > lengthBytes) file.truncate(lengthBytes);
    } finally {
      file.close();
    }
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // See `end`.
  }
}
