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
import { changesBetween } from "../snapshot/diff.js";
import { PathSet } from "../snapshot/path-set.js";
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
export function* planRenames(
  objects: ObjectSource,
  sides: MergeSides,
  digests: { readonly [key in keyof MergeSides]: Buffer },
  removals: readonly Buffer[],
): Generator<void, RenamePlan> {
  if (removals.length === 0) return { followed: [], conflicts: [] };
  const ours = renamesOf("ours", yield* changesBetween(objects, digests.base, digests.ours));
  const theirs = renamesOf("theirs", yield* changesBetween(objects, digests.base, digests.theirs));
  return yield* new Planner(objects, sides, { ours, theirs }).plan(removals);
}

class Planner {
  readonly #objects: ObjectSource;
  readonly #sides: MergeSides;
  readonly #renames: Readonly<Record<Rename["side"], SideRenames>>;
  readonly #followed: Rename[] = [];
  /** What these concern. */
  readonly #moved = new RelatedPaths();
  readonly #conflicts: FoundConflict[] = [];

  constructor(
    objects: ObjectSource,
    sides: MergeSides,
    { ours, theirs }: Readonly<Record<Rename["side"], readonly Rename[]>>,
  ) {
    this.#objects = objects;
    this.#sides = sides;
    this.#renames = { ours: new SideRenames(ours), theirs: new SideRenames(theirs) };
  }

  *plan(removals: readonly Buffer[]): Generator<void, RenamePlan> {
    const removed = new RelatedPaths();
    for (const path of removals) removed.add(path);
    for (const rename of [...this.#renames.ours.all, ...this.#renames.theirs.all]) {
      if (removed.has(rename.from)) this.#consider(rename);
      yield;
    }
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
    const renamed = this.#renames[other].of(from);
    // Both did the same, or the other one renamed a directory that it is in, which is followed in turn.
    if (renamed === undefined && this.#renames[other].concern(from)) return;
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
    if (this.#moved.has(rename.from) || this.#moved.has(rename.to)) return;
    this.#followed.push(rename);
    this.#moved.add(rename.from);
    this.#moved.add(rename.to);
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

/** The renames of one side. */
class SideRenames {
  readonly all: readonly Rename[];
  /** By what it was, in Latin-1. */
  readonly #byFrom = new Map<string, Rename>();
  readonly #from = new PathSet();

  constructor(all: readonly Rename[]) {
    this.all = all;
    for (const each of all) {
      this.#byFrom.set(each.from.toString("latin1"), each);
      this.#from.add(each.from);
    }
  }

  /** Returns how a path was renamed by itself. */
  of(path: Buffer): Rename | undefined {
    return this.#byFrom.get(path.toString("latin1"));
  }

  /** Whether a path, or a directory that it lies in, was renamed. */
  concern(path: Buffer): boolean {
    return this.#from.hasAtOrAbove(path);
  }
}

/** Paths, with what lies above and below them. */
class RelatedPaths {
  readonly #paths = new PathSet();
  readonly #above = new PathSet();

  add(path: Buffer): void {
    this.#paths.add(path);
    this.#above.addAbove(path);
  }

  /** Whether one of them is a path, or lies above or below it. */
  has(path: Buffer): boolean {
    return this.#paths.hasAtOrAbove(path) || this.#above.has(path);
  }
}
