/** What commands act on: a directory, a store and what the model knows of both. */
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Snapshot } from "#dist/snapshot/snapshot.js";
import { Store } from "#dist/store.js";
import { removeTree } from "../support/scratch.js";
import { type Listing, lines, listSnapshot, listTree } from "./listing.js";
import { modelOfEmpty } from "./tree-edits.js";
import { cloneTree, listModel, type ModelTree } from "./tree-model.js";

/** A snapshot as the model keeps it. */
export interface ModelSnapshot {
  readonly id: string;
  readonly digest: string;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The directory that was captured. */
  readonly source: string;
  /** Ids of its parents: as its record has them, and as they are. */
  readonly recorded: readonly string[];
  readonly parents: readonly string[];
  readonly tree: ModelTree;
  readonly listing: Listing;
}

export class World {
  /** The directory that is edited and captured. */
  readonly directory: string;
  readonly storeDirectory: string;
  store: Store;
  tree: ModelTree;
  /** Those that are there, the newest first. */
  snapshots: ModelSnapshot[] = [];
  /** Ids of those that are pinned. */
  readonly pins = new Set<string>();
  /** Those that were removed and not collected: a catalog that is made anew has them. */
  removed: ModelSnapshot[] = [];
  /** Labels of those whose process died before it committed them: a repair may find them. */
  readonly unacknowledged = new Set<string>();
  /** Ids of snapshots that were removed before a collection that left packs as they were, since more may lie in them than is known. */
  readonly uncollected = new Set<string>();
  /** The digest of each state that was ever captured. */
  readonly digests = new Map<string, string>();
  readonly #scratch: string;
  #restored = 0;
  #labelled = 0;

  private constructor(scratch: string, store: Store) {
    this.#scratch = scratch;
    this.directory = join(scratch, "directory");
    this.storeDirectory = join(scratch, "store");
    this.store = store;
    this.tree = modelOfEmpty(this.directory);
  }

  /** Makes an empty world in a directory that does not exist. */
  static async create(scratch: string): Promise<World> {
    mkdirSync(join(scratch, "directory"), { recursive: true });
    return new World(scratch, await Store.open(join(scratch, "store")));
  }

  /** Ends it and leaves nothing behind. */
  async destroy(): Promise<void> {
    await this.store.close();
    await removeTree(this.#scratch);
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = await Store.open(this.storeDirectory, { create: false });
  }

  /**
   * Has the process that uses the store die, as far as the store can tell: what is on the disk by now goes on under its path, with locks
   * that nobody holds.
   */
  async crash(left = this.copyStore()): Promise<void> {
    await this.store.close();
    rmSync(this.storeDirectory, { recursive: true });
    renameSync(left, this.storeDirectory);
    this.store = await Store.open(this.storeDirectory, { create: false });
  }

  /** Returns a copy of the store as it is on the disk. */
  copyStore(): string {
    const left = join(this.#scratch, "left");
    cpSync(this.storeDirectory, left, { recursive: true });
    return left;
  }

  /** Returns a word that no snapshot has as its label. */
  newLabel(): string {
    return String(this.#labelled++);
  }

  /** Returns a path that does not exist. */
  newDirectory(): string {
    return join(this.#scratch, `restored-${this.#restored++}`);
  }

  /** Removes the stat caches. */
  dropCaches(): void {
    const cache = join(this.storeDirectory, "cache");
    for (const name of readdirSync(cache)) rmSync(join(cache, name));
  }

  /** What the model says of the directory. */
  get listing(): Listing {
    return listModel(this.tree, `${process.geteuid?.()}:${process.getegid?.()}`);
  }

  /** Fails unless the directory is what the model says. */
  expectDirectory(): void {
    expect(lines(listTree(this.directory))).toEqual(lines(this.listing));
  }

  /** Fails unless the store has the snapshots of the model, each as it was made, in their order, and their pins. */
  async expectSnapshots(): Promise<void> {
    const found = await this.store.snapshots();
    expect(found.map(described)).toEqual(this.snapshots.map(described));
    const pins = await this.store.pins();
    expect(pins.map(({ snapshot }) => snapshot).sort()).toEqual([...this.pins].sort());
  }

  /** Fails unless all snapshots hold what they held when they were made. */
  async expectContents(): Promise<void> {
    for (const { id, listing } of this.snapshots) {
      expect(lines(await listSnapshot(await this.store.get(id)))).toEqual(
        lines(listing, { without: ["link"] }),
      );
    }
  }

  /** Takes a new snapshot of the directory into the model. */
  note(snapshot: Snapshot): void {
    const { listing } = this;
    const state = lines(listing).join("\n");
    const known = this.digests.get(state);
    if (known !== undefined) expect(snapshot.digest).toBe(known);
    else expect([...this.digests.values()]).not.toContain(snapshot.digest);
    this.digests.set(state, snapshot.digest);
    this.snapshots.unshift(modelOf(snapshot, { tree: cloneTree(this.tree), listing }));
  }

  /** Removes a snapshot that holds the same as another one and is not in the model. */
  async drop(snapshot: Snapshot, same: ModelSnapshot): Promise<void> {
    await this.store.remove(snapshot);
    this.removed.push(modelOf(snapshot, same));
  }

  /** Notes a collection: what was removed is gone, where no pack is sealed. */
  noteCollection(): void {
    if (this.unacknowledged.size > 0) for (const { id } of this.removed) this.uncollected.add(id);
    this.removed = [];
  }

  /** Takes a snapshot out of the model; its children go to its parents. */
  remove(snapshot: ModelSnapshot): void {
    const { id, parents } = snapshot;
    this.pins.delete(id);
    this.removed.push(snapshot);
    this.snapshots = this.snapshots
      .filter((each) => each !== snapshot)
      .map((each) => ({ ...each, parents: withoutParent(each.parents, id, parents) }));
  }
}

function modelOf(
  snapshot: Snapshot,
  { tree, listing }: Pick<ModelSnapshot, "tree" | "listing">,
): ModelSnapshot {
  return { ...described(snapshot), recorded: snapshot.parents, tree, listing };
}

/** What of a snapshot stays as it is for as long as its parents are there. */
function described(snapshot: Omit<ModelSnapshot, "recorded" | "tree" | "listing">) {
  const { id, digest, name, parents, labels, source } = snapshot;
  return { id, digest, name, parents, labels, source };
}

function withoutParent(
  of: readonly string[],
  gone: string,
  instead: readonly string[],
): readonly string[] {
  return [...new Set(of.flatMap((each) => (each === gone ? instead : each)))];
}
