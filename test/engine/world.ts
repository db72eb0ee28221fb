/** What commands act on: a directory, a store and what the model knows of both. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Snapshot } from "#dist/snapshot/snapshot.js";
import { Store } from "#dist/store.js";
import { removeTree } from "../support/scratch.js";
import { type Listing, lines, listTree } from "./listing.js";
import { modelOfEmpty } from "./tree-edits.js";
import { cloneTree, listModel, type ModelTree } from "./tree-model.js";

/** A snapshot as the model keeps it. */
export interface ModelSnapshot {
  readonly id: string;
  readonly digest: string;
  readonly tree: ModelTree;
  readonly listing: Listing;
}

export class World {
  /** The directory that is edited and captured. */
  readonly directory: string;
  readonly storeDirectory: string;
  store: Store;
  tree: ModelTree;
  readonly snapshots: ModelSnapshot[] = [];
  /** The digest of each state that was ever captured. */
  readonly digests = new Map<string, string>();
  readonly #scratch: string;
  #restored = 0;

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

  /** Takes a new snapshot into the model. */
  note(snapshot: Snapshot): void {
    const { listing } = this;
    const state = lines(listing).join("\n");
    const known = this.digests.get(state);
    if (known !== undefined) expect(snapshot.digest).toBe(known);
    else expect([...this.digests.values()]).not.toContain(snapshot.digest);
    this.digests.set(state, snapshot.digest);
    const { id, digest } = snapshot;
    this.snapshots.unshift({ id, digest, tree: cloneTree(this.tree), listing });
  }
}
