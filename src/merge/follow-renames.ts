/**
 * Follow renames: what one side changed where the other one had given it another name.
 *
 * Where one side renamed something and the other one changed it, it is renamed in the base and in the other's tree
 * too, before these are merged: what the other one changed, added and removed there then meets its counterpart. A
 * rename is what a diff tells as one: the same content under another path.
 */
import type { Entry } from "../model/entry.js";
import { parseTreePath } from "../model/tree-path.js";
import type { Change } from "../snapshot/diff.js";
import { diffRoots } from "../snapshot/diff.js";
import type { MergeSides } from "../tree/tree-conflict.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { findEntry } from "../tree/tree-reader.js";
import type { FoundConflict } from "./merge-conflict.js";

/** Something that one side renamed. */
export interface Rename {
  readonly side: "ours" | "theirs";
  readonly from: Buffer;
  readonly to: Buffer;
}

/** What is to be done about renames before trees are merged. */
export interface RenamePlan {
  /** To be renamed in the base too, and in the other side where that has them under their old names. */
  readonly followed: readonly Rename[];
  /** What one side renamed, and the other one removed or renamed to something else. */
  readonly conflicts: readonly FoundConflict[];
}

/**
 * Returns which renames matter to a merge. Costs nothing where no side removed what the other one changed or removed;
 * else what a diff of the base with each side costs.
 *
 * @param digests of the roots of `sides`
 * @param removals paths that one side removed and the other one removed or changed
 */
export function planRenames(
  objects: ObjectSource,
  sides: MergeSides,
  digests: { readonly [key in keyof MergeSides]: Buffer },
  removals: readonly Buffer[],
): RenamePlan {
  if (removals.length === 0) return { followed: [], conflicts: [] };
  const renames = (["ours", "theirs"] as const).flatMap((side) =>
    renamesOf(side, diffRoots(objects, digests.base, digests[side])),
  );
  return new Planner(objects, sides, renames).plan(removals);
}

class Planner {
  readonly #objects: ObjectSource;
  readonly #sides: MergeSides;
  readonly #renames: readonly Rename[];
  readonly #followed: Rename[] = [];
  readonly #conflicts: FoundConflict[] = [];

  constructor(objects: ObjectSource, sides: MergeSides, renames: readonly Rename[]) {
    this.#objects = objects;
    this.#sides = sides;
    this.#renames = renames;
  }

  plan(removals: readonly Buffer[]): RenamePlan {
    for (const rename of this.#renames)
      if (removals.some((path) => isRelated(path, rename.from))) this.#consider(rename);
    return { followed: this.#followed, conflicts: this.#conflicts };
  }

  #consider(rename: Rename): void {
    const { side, from, to } = rename;
    const other = side === "ours" ? "theirs" : "ours";
    const base = this.#at("base", from);
    const changed = this.#at(other, from);
    const taken = this.#at(other, to);
    if (changed !== undefined) {
      if (changed.kind === base?.kind && taken === undefined && this.#isFree(rename, other))
        this.#follow(rename);
      return;
    }
    const others = this.#renames.filter((each) => each.side === other);
    const renamed = others.find((each) => each.from.equals(from));
    // Both did the same, or the other one renamed a directory that it is in, which is followed in turn.
    if (renamed === undefined && others.some((each) => isWithin(from, each.from))) return;
    if (renamed?.to.equals(to) === true) return;
    if (renamed === undefined && taken !== undefined) {
      // Both renamed it alike, and the other one changed it too.
      if (taken.kind === base?.kind && this.#at("base", to) === undefined) this.#follow(rename);
      return;
    }
    // Of two renames of one thing one conflict is told.
    if (renamed !== undefined && side === "theirs") return;
    this.#conflicts.push({
      path: from,
      kind: "rename",
      base,
      [side]: this.#at(side, to),
      [other]: renamed && this.#at(other, renamed.to),
      renamed: { [side]: to, ...(renamed && { [other]: renamed.to }) },
    } as unknown as FoundConflict);
  }

  #follow(rename: Rename): void {
    const isApart = this.#followed.every(
      (each) =>
        !isRelated(each.from, rename.from) &&
        !isRelated(each.to, rename.to) &&
        !isRelated(each.from, rename.to) &&
        !isRelated(each.to, rename.from),
    );
    if (isApart) this.#followed.push(rename);
  }

  /** Whether something can be renamed in the base and on the other side without being in the way of anything there. */
  #isFree({ to }: Rename, other: "ours" | "theirs"): boolean {
    if (this.#at("base", to) !== undefined) return false;
    const names = parseTreePath(to);
    for (let count = 1; count < names.length; count++) {
      const above = names.slice(0, count);
      const [standing, before] = [this.#find(other, above), this.#find("base", above)];
      if (standing === undefined) return before === undefined;
      // Two directories that were made under one name are merged as such, without a base.
      if (standing.kind !== "directory" || before?.kind !== "directory") return false;
    }
    return true;
  }

  #at(side: keyof MergeSides, path: Buffer): Entry | undefined {
    return this.#find(side, parseTreePath(path));
  }

  #find(side: keyof MergeSides, names: readonly Buffer[]): Entry | undefined {
    return findEntry(this.#objects, this.#sides[side].entry, names);
  }
}

function renamesOf(side: Rename["side"], changes: readonly Change[]): Rename[] {
  return changes.flatMap((each) =>
    each.change === "renamed"
      ? [{ side, from: each.before.pathBytes, to: each.after.pathBytes }]
      : [],
  );
}

/** Whether a path is another one, or lies below it. */
function isWithin(path: Buffer, directory: Buffer): boolean {
  return (
    path.subarray(0, directory.length).equals(directory) &&
    (path.length === directory.length || path[directory.length] === SLASH)
  );
}

function isRelated(a: Buffer, b: Buffer): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

const SLASH = 0x2f;
