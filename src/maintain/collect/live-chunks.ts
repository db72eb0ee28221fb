/**
 * Live chunks: what is to stay, as far as it can be told.
 *
 * Below a tree, list or root that is damaged or missing lies what cannot be seen. A repair may find that node again, and then all below
 * it is needed: while it misses, every chunk counts as live. Of file data that misses only its own bytes can be found again: packs
 * that list it keep what is dead in them.
 */
import { DigestSet } from "../../hash/digest-set.js";
import type { Engine } from "../../snapshot/engine.js";
import type { ReachableRoot } from "../../tree/reachable-chunks.js";
import { ReachableChunks } from "../../tree/reachable-chunks.js";

export class LiveChunks {
  /** The objects that are damaged or missing. */
  readonly damaged = new DigestSet();
  readonly #engine: Pick<Engine, "objects" | "catalog">;
  readonly #reached: ReachableChunks;

  /** @param isStrict whether damage is an error: what is dead must go, and not stay for its sake */
  constructor(engine: Pick<Engine, "objects" | "catalog">, isStrict: boolean) {
    this.#engine = engine;
    const onDamage = (digest: Buffer) => void this.damaged.add(digest);
    this.#reached = new ReachableChunks(engine.objects, isStrict ? {} : { onDamage });
  }

  /** How many were reached. */
  get count(): number {
    return this.#reached.count;
  }

  /** As `ReachableChunks` has it. */
  get dataCount(): number {
    return this.#reached.dataCount;
  }

  /** As in `ReachableChunks`; of everything while something cannot be seen. */
  has(bytes: Buffer, at = 0): boolean {
    return this.damaged.size > 0 || this.#reached.has(bytes, at);
  }

  /** As in `ReachableChunks`. */
  hasData(bytes: Buffer, at = 0): boolean {
    return this.#reached.hasData(bytes, at);
  }

  /**
   * Reaches everything from some roots, as `ReachableChunks` does.
   *
   * @throws {CoppiceError} CORRUPT where something is damaged, and it is strict
   */
  reach(roots: Iterable<ReachableRoot>): Generator<void, void> {
    return this.#reached.reach(roots);
  }

  /** Returns the data that was reached and that the catalog does not list. Looks up each, and yields after it. */
  *missingData(): Generator<void, DigestSet> {
    const missing = new DigestSet();
    for (const digest of this.#reached.data) {
      if (!this.#engine.catalog.chunks.has(digest)) missing.add(digest);
      yield;
    }
    return missing;
  }
}
