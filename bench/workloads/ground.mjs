/**
 * Ground: one tree, kept by each rival that makes workspaces. All workloads on workspaces of a run share it, because to
 * capture, copy or commit the tree takes longer than what they measure. So they share one workspace of
 * each rival, which the first that needs it makes.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommands } from "../measure/run-commands.mjs";
import { treeData } from "./tree-data.mjs";

/** @typedef {import("../rivals/rival.mjs").Rival} Rival */
/** @typedef {import("../rivals/rival.mjs").Place} Place */
/** @typedef {import("../rivals/rival.mjs").StorePaths} StorePaths */
/** @typedef {Rival & { workspaces: NonNullable<Rival["workspaces"]> }} WorkspaceRival */

/**
 * Returns the rivals that make workspaces and pass a test.
 * @param {import("./bench.mjs").Bench} bench
 * @param {(rival: WorkspaceRival) => boolean} test
 */
export function workspaceRivals(bench, test) {
  return /** @type {WorkspaceRival[]} */ (
    bench.options.rivals.filter(({ workspaces }) => workspaces !== undefined)
  ).filter(test);
}

/** A tree and what rivals have of it. */
export class Ground {
  /** @readonly name of the data set */
  name;
  /** @readonly path of the original */
  tree;
  #bench;
  /** @type {Map<Rival, StorePaths>} */
  #stores = new Map();
  /** @type {Map<Rival, StorePaths>} */
  #pristine = new Map();
  /** @type {Map<Rival, Place>} */
  #workspaces = new Map();
  /** @type {Map<Rival, string>} */
  #lastLabels = new Map();
  /** @type {Set<Rival>} those that failed: they are not tried again */
  #failed = new Set();
  #number = 0;

  /**
   * @param {import("./bench.mjs").Bench} bench
   * @param {string} name
   */
  constructor(bench, name) {
    this.#bench = bench;
    this.name = name;
    this.tree = treeData(bench, name);
  }

  /**
   * Lets rivals keep the tree that do not yet, and returns those that could.
   * @param {readonly WorkspaceRival[]} rivals
   */
  async keptBy(rivals) {
    const bench = this.#bench;
    const missing = rivals.filter((rival) => !this.#stores.has(rival) && !this.#failed.has(rival));
    const ready = await bench.takeTurns(missing, 1, (rival) => {
      const { workspaces } = rival;
      const store = bench.makeStore(rival, bench.fileSystems.directoryOn(workspaces.fileSystem));
      runCommands(workspaces.keep(this.tree, store));
      if (workspaces.buildsFirst) {
        this.#pristine.set(rival, bench.copyStore(store, bench.fileSystems.directoryOn("disk")));
      }
      this.#stores.set(rival, store);
      if (workspaces.buildsFirst && workspaces.fork !== undefined) this.#forkOnce(rival);
    });
    for (const rival of missing) if (!ready.includes(rival)) this.#failed.add(rival);
    return rivals.filter((rival) => this.#stores.has(rival));
  }

  /**
   * Forks, so that what the first fork builds is there for all others.
   * @param {WorkspaceRival} rival
   */
  #forkOnce(rival) {
    const place = this.newPlace(rival);
    runCommands(rival.workspaces.fork?.(place) ?? []);
    this.leave(rival, place);
  }

  /**
   * Lets rivals that keep the tree make the workspace that workloads share, and returns those that could.
   * @param {readonly WorkspaceRival[]} rivals
   */
  async withWorkspace(rivals) {
    const kept = await this.keptBy(rivals);
    const missing = kept.filter((rival) => !this.#workspaces.has(rival));
    await this.#bench.takeTurns(missing, 1, (rival) => {
      const place = this.newPlace(rival);
      runCommands(rival.workspaces.fork?.(place) ?? []);
      this.#workspaces.set(rival, place);
    });
    return kept.filter((rival) => this.#workspaces.has(rival));
  }

  /**
   * Returns the workspace that workloads share.
   * @param {Rival} rival
   */
  workspaceOf(rival) {
    return present(this.#workspaces.get(rival));
  }

  /**
   * Returns a place for another workspace.
   * @param {Rival} rival
   * @returns {Place}
   */
  newPlace(rival) {
    const store = present(this.#stores.get(rival));
    return { tree: this.tree, store, target: this.newPath(store, "fork") };
  }

  /**
   * Returns a path beside a store that is free.
   * @param {StorePaths} store
   * @param {string} prefix
   */
  newPath(store, prefix) {
    return join(store.root, `${prefix}-${this.newNumber()}`);
  }

  /** Returns a number that is given once. */
  newNumber() {
    this.#number += 1;
    return this.#number;
  }

  /**
   * Returns the name of a rival's next snapshot of the workspace that workloads share.
   * @param {Rival} rival
   */
  newLabel(rival) {
    const label = `snapshot-${this.newNumber()}`;
    this.#lastLabels.set(rival, label);
    return label;
  }

  /**
   * Returns the name of its last one.
   * @param {Rival} rival
   */
  lastSnapshotOf(rival) {
    return this.#lastLabels.get(rival) ?? "base";
  }

  /**
   * Returns a store from which nothing was ever forked.
   * @param {Rival} rival one that `buildsFirst`
   */
  freshStore(rival) {
    const store = present(this.#pristine.get(rival));
    return this.#bench.copyStore(store, this.#bench.fileSystems.directoryOn("disk"));
  }

  /**
   * Says that workspaces are no longer needed.
   * @param {WorkspaceRival} rival
   * @param {Place} place
   * @param {readonly string[]} [targets]
   */
  leave({ workspaces }, place, targets = [place.target]) {
    if (workspaces.discard !== undefined) runCommands(workspaces.discard(place, targets));
    else for (const target of targets) this.putAside(workspaces.fileSystem, target);
  }

  /**
   * Says that a directory is no longer needed.
   * @param {import("../rivals/rival.mjs").FileSystem} fileSystem that it lies on
   * @param {string} path
   */
  putAside(fileSystem, path) {
    // Other file systems than that of the bench directory go as a whole.
    if (fileSystem === "disk" && existsSync(path)) this.#bench.scratch.putAside(path);
  }
}

/**
 * Returns what `forkMany` makes.
 * @param {Place} place
 * @param {number} count
 */
export function manyTargets({ target }, count) {
  return Array.from({ length: count }, (_, index) => `${target}-${index + 1}`);
}

/**
 * @template T
 * @param {T | undefined} value
 * @returns {T}
 */
function present(value) {
  if (value === undefined) throw new Error("The rival does not keep the tree");
  return value;
}
