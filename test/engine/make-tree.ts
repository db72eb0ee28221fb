/** Makes a directory out of its model, in any order. */
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { systemCalls } from "#dist/system/system-calls.js";
import { entryPath } from "./listing.js";
import { type ModelNode, type ModelTree, parentOf } from "./tree-model.js";

/**
 * Fills an empty directory.
 *
 * @param order paths are made in the order of what it gives for them, parents when they are first needed
 */
export function makeTree(
  tree: ModelTree,
  directory: string,
  order: (path: string) => number,
): void {
  const maker = new Maker(tree, directory);
  const paths = [...tree.keys()].sort((a, b) => order(a) - order(b));
  for (const path of paths) maker.make(path);
  // Every name that is made moves its directory's times.
  for (const path of paths.sort((a, b) => b.length - a.length)) maker.setAttributes(path);
}

class Maker {
  readonly #tree: ModelTree;
  readonly #directory: string;
  readonly #made = new Set([""]);
  readonly #names = new Map<ModelNode, string>();

  constructor(tree: ModelTree, directory: string) {
    this.#tree = tree;
    this.#directory = directory;
  }

  make(path: string): void {
    if (this.#made.has(path)) return;
    this.make(parentOf(path));
    this.#made.add(path);
    const node = this.#tree.get(path)!;
    const real = entryPath(this.#directory, path);
    const other = this.#names.get(node);
    if (other !== undefined) linkSync(entryPath(this.#directory, other), real);
    else if (node.kind === "directory") mkdirSync(real);
    else if (node.kind === "symlink") symlinkSync(Buffer.from(node.target, "latin1"), real);
    else writeFileSync(real, node.bytes);
    this.#names.set(node, path);
  }

  setAttributes(path: string): void {
    const node = this.#tree.get(path)!;
    const real = entryPath(this.#directory, path);
    if (node.kind !== "symlink") chmodSync(real, node.mode);
    const calls = systemCalls();
    if ("unavailable" in calls) throw new Error(calls.unavailable);
    const nanoseconds = node.mtimeNs % 1_000_000_000n;
    calls.setTimes(
      real,
      Number((node.mtimeNs - nanoseconds) / 1_000_000_000n),
      Number(nanoseconds),
    );
  }
}
