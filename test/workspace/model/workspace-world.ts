/** What commands act on: a workspace, and a plain directory that the same is done to. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Snapshot } from "#dist/snapshot/snapshot.js";
import { Store } from "#dist/store.js";
import type { Workspace } from "#dist/workspace/workspace.js";
import { lines, listTree } from "../../engine/listing.js";
import { mountsBelow, unmountBelow } from "../../support/mount-points.js";
import { removeTree } from "../../support/scratch.js";
import type { Place } from "../ground.js";
import { leftovers } from "../workspace-fixture.js";
import { makeSystemEdit, type SystemEdit } from "./system-edits.js";

/** A snapshot and a copy of the plain directory as it was then. */
export interface KeptState {
  readonly id: string;
  readonly digest: string;
  readonly stateDigest: string;
  readonly copy: string;
}

export class WorkspaceWorld {
  readonly place: Place;
  store: Store;
  workspace: Workspace;
  /** All snapshots of the workspace, the last one first; never empty. */
  readonly states: KeptState[] = [];
  readonly #scratch: string;
  #count = 0;

  private constructor(scratch: string, place: Place, store: Store, workspace: Workspace) {
    this.#scratch = scratch;
    this.place = place;
    this.store = store;
    this.workspace = workspace;
  }

  /** Makes a world in a directory that does not exist; its workspace is empty after the edits. */
  static async create(
    scratch: string,
    place: Place,
    edits: readonly SystemEdit[],
  ): Promise<WorkspaceWorld> {
    const plain = join(scratch, "plain");
    mkdirSync(plain, { recursive: true });
    for (const edit of edits) makeSystemEdit(edit, [plain], place);
    const store = await Store.open(join(scratch, "store"));
    const { snapshot } = await store.snapshot(plain, { durability: "relaxed" });
    const dir = join(scratch, "workspace");
    const workspace = await store.fork(snapshot, { dir, driver: place.driver });
    const world = new WorkspaceWorld(scratch, place, store, workspace);
    world.keep(snapshot);
    world.expectSame();
    return world;
  }

  get plain(): string {
    return join(this.#scratch, "plain");
  }

  /** Does the same to both. */
  edit(edit: SystemEdit): void {
    makeSystemEdit(edit, [this.plain, this.workspace.path], this.place);
  }

  /**
   * Whether the directory tells which names are one file. Overlayfs does not always: a file that had several names below
   * and gets another one once it was copied up has different inode numbers under them until they are looked up anew. That
   * snapshots have them right is seen by their state digests.
   */
  get tellsLinks(): boolean {
    return !this.place.driver.startsWith("overlayfs");
  }

  /** Fails unless both hold the same; what was done to each at another time has another time. */
  expectSame(directory: string = this.workspace.path): void {
    const without = this.tellsLinks ? (["mtimeNs"] as const) : (["mtimeNs", "link"] as const);
    expect(lines(listTree(directory), { without })).toEqual(
      lines(listTree(this.plain), { without }),
    );
  }

  /** Fails unless an ordinary capture of a directory gives a state, as far as the directory tells. */
  async expectState(digest: string, directory: string = this.workspace.path): Promise<void> {
    expect(await this.isState(digest, directory)).toBe(true);
  }

  /** Returns whether an ordinary capture of a directory gives a state, as far as the directory tells. */
  async isState(digest: string, directory: string = this.workspace.path): Promise<boolean> {
    const { snapshot } = await this.store.snapshot(directory, { durability: "relaxed" });
    if (snapshot.digest === digest || this.tellsLinks) return snapshot.digest === digest;
    const [state] = (await this.store.snapshots()).filter((each) => each.digest === digest);
    for await (const change of this.store.diff(state!, snapshot)) {
      const isLinks = change.change === "modified" && change.aspects.join() === "links";
      if (!isLinks) return false;
    }
    return true;
  }

  /** Takes a new snapshot of the state as it stands. */
  keep({ id, digest, stateDigest }: Snapshot): void {
    const copy = this.newDirectory();
    copyTree(this.plain, copy);
    this.states.unshift({ id, digest, stateDigest, copy });
  }

  /** Brings the plain directory to a kept state. */
  async bringPlainTo({ copy }: KeptState): Promise<void> {
    await removeTree(this.plain);
    copyTree(copy, this.plain);
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = await Store.open(join(this.#scratch, "store"), { create: false });
    this.workspace = await this.store.workspace(this.workspace.id);
  }

  /** Returns a path that does not exist. */
  newDirectory(): string {
    return join(this.#scratch, `directory-${this.#count++}`);
  }

  /** Ends it and fails unless nothing is left. */
  async end(): Promise<void> {
    await this.workspace.discard();
    await this.store.close();
    const storeDirectory = join(this.#scratch, "store");
    expect(leftovers({ scratch: this.#scratch, storeDirectory })).toEqual([]);
  }

  /** Takes everything away, whatever state it is in. */
  async destroy(): Promise<void> {
    await this.store.close();
    if (mountsBelow(this.#scratch).length > 0) unmountBelow(this.#scratch);
    await removeTree(this.#scratch);
  }
}

/** Names, links, times and attributes stay what they were. */
function copyTree(source: string, target: string): void {
  execFileSync("cp", ["-a", source, target]);
}
