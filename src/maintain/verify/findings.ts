/**
 * Findings: what a verification found, each looked at once more before it is believed: others may have moved or removed it.
 */
import type { ChunkLocator } from "../../catalog/chunk-locator.js";
import type { PackState } from "../../catalog/loss-table.js";
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import { parentsOf } from "../../catalog/snapshot-table.js";
import { sha256 } from "../../hash/sha256.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CoppiceError } from "../../model/error.js";
import { REPORT_LIST_MAX } from "../../model/limits.js";
import { CHUNK_ROW_BYTES, decodePlace } from "../../pack/chunk-table.js";
import type { Engine } from "../../snapshot/engine.js";
import type { BadChunk } from "../check/check-chunks.js";
import { checkSnapshots, listedObjects } from "../check/check-snapshots.js";
import type { PackProblem } from "../check/check-structure.js";
import type { CountedList } from "../check/damage.js";
import { DamageList } from "../check/damage-list.js";
import type { StructureProblem } from "./verify-report.js";

/** So often snapshots are looked at again that were removed meanwhile. */
const ATTEMPTS_MAX = 3;

export class Findings {
  readonly damage = new DamageList();
  readonly #engine: Engine;
  readonly #deep: boolean;
  readonly #problems: StructureProblem[] = [];
  #problemCount = 0;

  constructor(engine: Engine, deep: boolean) {
    this.#engine = engine;
    this.#deep = deep;
  }

  get problems(): CountedList<StructureProblem> {
    return { count: this.#problemCount, first: this.#problems };
  }

  /** Has SQLite look at its file. */
  checkCatalog(): void {
    const damage = this.#engine.catalog.checks.catalogDamage();
    if (damage !== undefined) this.#add({ kind: "catalog", message: `SQLite: ${damage}` });
  }

  /**
   * Looks at all snapshots: their names and parents, and all that they consist of.
   *
   * @param hints where objects lay a while ago
   * @returns adds what was found
   */
  async checkSnapshots(
    hints: ChunkLocator | undefined,
    onReached: (chunks: number) => void,
    check: () => void,
  ): Promise<() => void> {
    const objects = listedObjects(this.#engine, hints);
    const { catalog } = this.#engine;
    for (let attempt = 1; ; attempt++) {
      const rows = [...catalog.snapshots.all()];
      const found: (() => void)[] = [];
      const watcher = {
        onReached,
        onMissing: (digest: Buffer) => found.push(() => this.#addMissing(digest)),
        onDamaged: (digest: Buffer) => found.push(() => this.#addObject(digest)),
        onOther: ({ id }: SnapshotRow, message: string) =>
          found.push(() => this.#add({ kind: "record", message, snapshot: id })),
      };
      await checkSnapshots(this.#engine, rows, objects, watcher, check);
      this.#checkLineage(rows, found);
      // What only a snapshot needed that was removed since may be gone with it.
      const isAsItWas = rows.every(({ id }) => catalog.snapshots.has(id));
      if (found.length > 0 && !isAsItWas && attempt < ATTEMPTS_MAX) continue;
      return () => {
        for (const add of found) add();
      };
    }
  }

  /** Adds the packs that chunks should lie in and that are not there. */
  checkPackNumbers(used: Iterable<number>, packs: readonly PackState[]): void {
    const known = new Set(packs.map(({ id }) => id));
    for (const id of used) {
      if (known.has(id)) continue;
      const chunks = this.#engine.catalog.chunks.ofPackFrom(id, 0);
      if (chunks.length === 0) continue; // They lie elsewhere by now.
      const message = `${chunks.length} chunks are to lie in pack number ${id}, which the catalog does not list`;
      this.#add({ kind: "catalog", message });
      for (const chunk of chunks)
        this.damage.add(chunk.digest, "unreadable", { ...chunk, packName: String(id) });
    }
  }

  addPackProblems(
    { id, name }: Pick<PackState, "id" | "name">,
    found: readonly PackProblem[],
  ): void {
    if (found.length === 0) return;
    if (!this.#engine.catalog.losses.packs().some((pack) => pack.id === id)) return; // It was collected.
    for (const { kind, message } of found)
      this.#add({ kind, message: `pack ${name}: ${message}`, pack: name });
  }

  addBadChunks(
    { id, name }: Pick<PackState, "id" | "name">,
    rows: Buffer,
    bad: readonly BadChunk[],
  ): void {
    for (const { index, problem } of bad) {
      const at = index * CHUNK_ROW_BYTES;
      const digest = Buffer.from(rows.subarray(at, at + DIGEST_BYTES));
      const place = decodePlace(id, rows, at + DIGEST_BYTES);
      if (this.#isElsewhere(digest, place)) continue;
      this.damage.add(digest, problem, { ...place, packName: name });
    }
  }

  /** Whether a chunk has gone since, or lies in another place, as it should be. */
  #isElsewhere(digest: Buffer, place: { readonly pack: number; readonly offset: number }): boolean {
    const { catalog } = this.#engine;
    const objects = listedObjects(this.#engine);
    try {
      const now = catalog.chunks.locate(digest);
      if (now === undefined) return true;
      if (now.pack === place.pack && now.offset === place.offset) return false;
      const bytes = objects.readObject(digest);
      return !this.#deep || sha256(bytes).equals(digest);
    } catch (error) {
      if (!(error instanceof CoppiceError)) throw error;
      return false;
    }
  }

  #addMissing(digest: Buffer): void {
    if (!this.#engine.catalog.chunks.has(digest)) this.damage.add(digest, "missing");
  }

  #addObject(digest: Buffer): void {
    const { catalog } = this.#engine;
    const objects = listedObjects(this.#engine);
    let problem: "undecodable" | "checksum" | "unreadable" = "undecodable";
    try {
      objects.readObject(digest);
    } catch (error) {
      if (!(error instanceof CoppiceError)) throw error;
      problem = error.digest === undefined ? "unreadable" : "checksum";
    }
    try {
      const place = catalog.chunks.locate(digest);
      if (place === undefined) this.damage.add(digest, "missing");
      else this.damage.add(digest, problem, { ...place, packName: catalog.packName(place.pack) });
    } catch (error) {
      if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
      this.damage.add(digest, "place");
    }
  }

  #checkLineage(rows: readonly SnapshotRow[], found: (() => void)[]): void {
    const { catalog } = this.#engine;
    const ids = new Set(rows.map(({ id }) => id));
    const names = new Map<string, string>();
    for (const row of rows) {
      const { id, name } = row;
      for (const parent of parentsOf(row)) {
        if (ids.has(parent) || catalog.snapshots.has(parent)) continue;
        const message = `snapshot ${id} follows ${parent}, which is not there`;
        found.push(() => this.#add({ kind: "parent", message, snapshot: id }));
      }
      if (name === undefined) continue;
      const other = names.get(name);
      names.set(name, id);
      if (other === undefined) continue;
      const message = `snapshots ${other} and ${id} have one name`;
      found.push(() => this.#add({ kind: "name", message, snapshot: id }));
    }
  }

  #add(problem: StructureProblem): void {
    this.#problemCount++;
    if (this.#problems.length < REPORT_LIST_MAX) this.#problems.push(problem);
  }
}
