/**
 * Merge links: which names are one file after a merge.
 *
 * Names stay together as they are in ours, but for those that theirs put together or apart and ours left alone:
 * these are together as they are in theirs. In either case only names that have the same record can be one file:
 * where the merge gave some names of a file another one, they go their ways.
 */
import type { Entry } from "../model/entry.js";
import { parseTreePath } from "../model/tree-path.js";
import { decodeEntry } from "./entry-codec.js";
import { differingAspects, sameContent } from "./entry-difference.js";
import type { LinkGroup } from "./links-codec.js";
import { decodeLinkGroup, linkGroupName } from "./links-codec.js";
import type { Root } from "./root.js";
import { linkGroups } from "./root.js";
import type { MergeSides, TreeConflict } from "./tree-conflict.js";
import type { TreeEdits } from "./tree-edits.js";
import type { ObjectSource } from "./tree-reader.js";
import { differingRecords, findEntry } from "./tree-reader.js";
import { renamed } from "./tree-record.js";

/** The groups of hard links after a merge. */
export interface MergedLinks {
  /** `undefined` where they are those of ours. */
  readonly groups: readonly LinkGroup[] | undefined;
  /** Names of one file in ours, of which theirs set the attributes of some alone: these edits are dropped. */
  readonly split: readonly TreeConflict[];
}

/**
 * Returns the groups of hard links after a merge.
 *
 * Costs the groups of ours, and a look at each path of those that the merge concerns.
 *
 * @param edits what becomes of ours; edits that would tear a file of ours in two are dropped
 */
export function mergeLinks(
  objects: ObjectSource,
  sides: MergeSides,
  edits: TreeEdits,
): MergedLinks {
  return new LinkMerger(objects, sides, edits).run();
}

class LinkMerger {
  readonly #objects: ObjectSource;
  readonly #sides: MergeSides;
  readonly #edits: TreeEdits;
  /** Paths that theirs put together or apart, with the group that they are in then. */
  readonly #theirs: ReadonlyMap<string, number | undefined>;
  /** Those of them that theirs decides on: ours left them as they were, or the merge tears what it made of them. */
  readonly #regrouped: Set<string>;
  readonly #split: TreeConflict[] = [];
  /** Names with one record, of one group of one side. */
  readonly #parts = new Map<string, Buffer[]>();

  constructor(objects: ObjectSource, sides: MergeSides, edits: TreeEdits) {
    this.#objects = objects;
    this.#sides = sides;
    this.#edits = edits;
    const { base, ours, theirs } = sides;
    this.#theirs = regroupedPaths(objects, base, theirs);
    const own = this.#theirs.size === 0 ? this.#theirs : regroupedPaths(objects, base, ours);
    this.#regrouped = new Set([...this.#theirs.keys()].filter((key) => !own.has(key)));
  }

  run(): MergedLinks {
    const { ours } = this.#sides;
    const whole: LinkGroup[] = [];
    let divided = 0;
    for (const group of linkGroups(this.#objects, ours)) {
      if (group.some((path) => this.#isConcerned(path))) this.#divide(`ours ${divided++}`, group);
      else whole.push(group);
    }
    for (const key of this.#regrouped) {
      const group = this.#theirs.get(key);
      const path = Buffer.from(key, "latin1");
      const record = this.#recordAt(path);
      if (group !== undefined && record !== undefined && this.#isTheirs(path, record))
        this.#add(`theirs ${group}`, path, record);
    }
    if (divided === 0 && this.#parts.size === 0) return { groups: undefined, split: this.#split };
    const parts = [...this.#parts.values()].filter((paths) => paths.length > 1);
    for (const paths of parts) paths.sort((a, b) => a.compare(b));
    return { groups: [...whole, ...parts], split: this.#split };
  }

  #isConcerned(path: Buffer): boolean {
    return this.#regrouped.has(path.toString("latin1")) || this.#edits.isEdited(path);
  }

  /** Puts the names of a group of ours together as they can stay. */
  #divide(group: string, paths: LinkGroup): void {
    this.#keepWhole(paths);
    const records = paths.map((path) => this.#recordAt(path));
    if (new Set(records.map((record) => record && keyOf(record))).size > 1) {
      // Else the next merge, which finds ours as this one leaves it, would decide otherwise.
      for (const path of paths) {
        const key = path.toString("latin1");
        if (this.#theirs.has(key)) this.#regrouped.add(key);
      }
    }
    for (const [index, path] of paths.entries()) {
      const record = records[index];
      if (record === undefined) continue;
      const isRegrouped = this.#regrouped.has(path.toString("latin1"));
      if (!isRegrouped || !this.#isTheirs(path, record)) this.#add(group, path, record);
    }
  }

  /**
   * What ours wrote into a file stays one file: edits that would give some of its names other attributes than
   * the rest are dropped, and are conflicts unless they are of the time alone.
   */
  #keepWhole(paths: LinkGroup): void {
    const records = new Set<string>();
    const edited: TreeConflict[] = [];
    for (const path of paths) {
      const record = this.#recordAt(path);
      const [base, ours, theirs] = this.#entriesAt(path);
      if (record === undefined || ours === undefined) continue;
      const isOwn = base === undefined || !holdsSame(base, ours);
      if (!isOwn || !holdsSame(decodeEntry(record), ours)) continue;
      records.add(keyOf(record));
      if (this.#edits.isEdited(path)) edited.push({ path, kind: "attributes", base, ours, theirs });
    }
    if (records.size < 2) return;
    for (const edit of edited) {
      const merged = decodeEntry(this.#recordAt(edit.path) as Buffer);
      const aspects = differingAspects(merged, edit.ours as Entry);
      this.#edits.drop(edit.path);
      if (aspects.some((aspect) => aspect !== "times")) this.#split.push(edit);
    }
  }

  #entriesAt(path: Buffer): (Entry | undefined)[] {
    const { base, ours, theirs } = this.#sides;
    return [base, ours, theirs].map((root) => entryAt(this.#objects, root, path));
  }

  /** Returns what the merge makes of a path; `undefined` where that is nothing, or a directory. */
  #recordAt(path: Buffer): Buffer | undefined {
    const record = this.#edits.recordAt(path);
    return record === undefined || decodeEntry(record).kind === "directory" ? undefined : record;
  }

  #isTheirs(path: Buffer, record: Buffer): boolean {
    const theirs = entryAt(this.#objects, this.#sides.theirs, path);
    return theirs !== undefined && holdsSame(decodeEntry(record), theirs);
  }

  #add(group: string, path: Buffer, record: Buffer): void {
    const key = `${group} ${keyOf(record)}`;
    const paths = this.#parts.get(key);
    if (paths === undefined) this.#parts.set(key, [path]);
    else paths.push(path);
  }
}

/** Returns the paths that are in another group than before, with the group; `undefined` for none. */
function regroupedPaths(
  objects: ObjectSource,
  before: Root,
  after: Root,
): Map<string, number | undefined> {
  const found = new Map<string, number | undefined>();
  let index = 0;
  for (const [old, now] of differingRecords(objects, before.links, after.links, linkGroupName)) {
    for (const path of old === undefined ? [] : decodeLinkGroup(old)) {
      const key = path.toString("latin1");
      if (!found.has(key)) found.set(key, undefined);
    }
    for (const path of now === undefined ? [] : decodeLinkGroup(now))
      found.set(path.toString("latin1"), index);
    index++;
  }
  return found;
}

function entryAt(objects: ObjectSource, root: Root, path: Buffer): Entry | undefined {
  return findEntry(objects, root.entry, parseTreePath(path));
}

function holdsSame(a: Entry, b: Entry): boolean {
  return a.kind === b.kind && sameContent(a, b);
}

/** What two names of one file have in common. */
function keyOf(record: Buffer): string {
  return renamed(record, EMPTY).toString("latin1");
}

const EMPTY = Buffer.alloc(0);
