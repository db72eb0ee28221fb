/**
 * Over budget: which snapshots go so that the others fit into a number of bytes.
 */
import { DigestSet } from "../../hash/digest-set.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import type { Engine } from "../../snapshot/engine.js";
import type { ReachableRoot } from "../../tree/reachable-chunks.js";
import { visitReferences } from "../../tree/references.js";

/** A snapshot that may go, or that stays in any case. */
export interface BudgetEntry {
  readonly id: string;
  readonly mayGo: boolean;
}

/**
 * Returns which snapshots go, the oldest first, so that the chunks of the others come to at most a number of bytes; as many as may go,
 * where they do not. The newer one of two never goes for the older one. Reads the trees of those that stay, what they share once,
 * and looks up their chunks; yields now and then.
 *
 * @param entries the newest first
 * @param maxBytes of chunks, as they were before they got their rows in a pack's index
 * @throws {CoppiceError} CORRUPT
 */
export function* overBudget(
  { catalog, objects }: Pick<Engine, "catalog" | "objects">,
  entries: readonly BudgetEntry[],
  maxBytes: number,
): Generator<void, string[]> {
  const chunks = new WeighedChunks({ catalog, objects });
  // What sessions hold stays whatever becomes of snapshots.
  for (const { digest, role } of catalog.holds.all())
    yield* chunks.add({ digest, role: role === "reading" ? "root" : role });
  for (const { id, mayGo } of entries) if (!mayGo) yield* chunks.addSnapshot(id);
  const free = entries.filter(({ mayGo }) => mayGo);
  for (const [index, { id }] of free.entries()) {
    yield* chunks.addSnapshot(id);
    if (chunks.bytes > maxBytes)
      return free
        .slice(index)
        .map((each) => each.id)
        .reverse();
  }
  return [];
}

/** Chunks with what they weigh, each once. */
class WeighedChunks {
  bytes = 0;
  readonly #engine: Pick<Engine, "catalog" | "objects">;
  readonly #seen = new DigestSet();

  constructor(engine: Pick<Engine, "catalog" | "objects">) {
    this.#engine = engine;
  }

  *addSnapshot(id: string): Generator<void, void> {
    const row = this.#engine.catalog.snapshots.find(id);
    if (row === undefined) return;
    yield* this.add({ digest: row.record, role: "data" });
    yield* this.add({ digest: row.digest, role: "root" });
  }

  *add(root: ReachableRoot): Generator<void, void> {
    const pending: ReachableRoot[] = [];
    const visit = (role: ReachableRoot["role"], bytes: Buffer, at: number): void => {
      if (!this.#seen.add(bytes, at)) return;
      const digest = bytes.subarray(at, at + DIGEST_BYTES);
      this.bytes += this.#engine.catalog.chunks.locate(digest)?.lengthBytes ?? 0;
      if (role !== "data") pending.push({ role, digest });
    };
    const visitor = {
      object: visit,
      data: (bytes: Buffer, at: number) => visit("data", bytes, at),
    };
    visit(root.role, root.digest, 0);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.role === "data") continue;
      visitReferences(this.#engine.objects.readObject(next.digest), next.role, visitor);
      yield;
    }
  }
}
