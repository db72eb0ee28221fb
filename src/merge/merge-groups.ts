/**
 * Merge groups: which names are one file after a merge in which neither side comes first.
 *
 * Two names are together or they are not: what one side changed about that counts, and both cannot have changed it in different
 * ways. A side that has not both of them says nothing. What is together with one and the same is together; but only names with equal
 * records can be one file.
 */
import type { Entry } from "../model/entry.js";
import { parseTreePath } from "../model/tree-path.js";
import { decodeEntry } from "../tree/entry-codec.js";
import type { LinkGroup } from "../tree/links-codec.js";
import { decodeLinkGroup, linkGroupName } from "../tree/links-codec.js";
import type { Root } from "../tree/root.js";
import { linkGroups } from "../tree/root.js";
import type { MergeSides } from "../tree/tree-conflict.js";
import type { TreeEdits } from "../tree/tree-edits.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { differingRecords, findEntry } from "../tree/tree-reader.js";
import { renamed } from "../tree/tree-record.js";

/**
 * Returns the groups of hard links after a merge; `undefined` where they are those of ours. Costs the groups of all sides, and a look at
 * each path of those that the merge concerns. Yields at each group.
 *
 * @param edits what becomes of ours
 */
export function* mergeGroups(
  objects: ObjectSource,
  sides: MergeSides,
  edits: TreeEdits,
): Generator<void, LinkGroup[] | undefined> {
  const { base, ours, theirs } = sides;
  if (ours.links === undefined && theirs.links === undefined) return undefined;
  const concerned = regroupedPaths(objects, sides);
  const edited = new EditedPaths(edits);
  const whole: LinkGroup[] = [];
  const before: LinkGroup[] = [];
  for (const paths of linkGroups(objects, ours)) {
    yield;
    const keys = paths.map((path) => path.toString("latin1"));
    if (keys.some((key) => concerned.has(key) || edited.has(key))) {
      for (const key of keys) concerned.add(key);
      before.push(paths);
    } else whole.push(paths);
  }
  if (concerned.size === 0) return undefined;
  const inOurs = yield* groupsOf(objects, ours, concerned);
  const isAsOurs = ({ links }: Root) => links !== undefined && ours.links?.equals(links) === true;
  const inBase = isAsOurs(base) ? inOurs : yield* groupsOf(objects, base, concerned);
  const inTheirs = isAsOurs(theirs) ? inOurs : yield* groupsOf(objects, theirs, concerned);
  const classes = new Map<string, LinkClass>();
  for (const key of concerned) {
    yield;
    const path = Buffer.from(key, "latin1");
    const record = edits.recordAt(path);
    if (record === undefined || decodeEntry(record).kind === "directory") continue;
    const places = [inBase, inOurs, inTheirs].map(
      (groups, index) =>
        groups.get(key) ??
        (isThere(objects, [base, ours, theirs][index] as Root, path) ? "alone" : "absent"),
    ) as [Place, Place, Place];
    const file = renamed(record, EMPTY).toString("latin1");
    const name = `${places.join(" ")} ${file}`;
    const known = classes.get(name);
    if (known === undefined) classes.set(name, { places, file, paths: [path] });
    else known.paths.push(path);
  }
  const after = joined([...classes.values()]);
  return isSameGroups(before, after) ? undefined : [...whole, ...after];
}

function isSameGroups(a: readonly LinkGroup[], b: readonly LinkGroup[]): boolean {
  // No path has a NUL.
  const keys = (groups: readonly LinkGroup[]): string[] =>
    groups.map((paths) =>
      paths
        .map((path) => path.toString("latin1"))
        .sort()
        .join("\0"),
    );
  const known = new Set(keys(a));
  return known.size === b.length && keys(b).every((key) => known.has(key));
}

/** By path in Latin-1: the number of the group that it is in. */
type Groups = ReadonlyMap<string, number>;

type Place = number | "alone" | "absent";

/** Names about which all sides say the same. */
interface LinkClass {
  readonly places: readonly [base: Place, ours: Place, theirs: Place];
  /** The record that they have without the name. */
  readonly file: string;
  readonly paths: Buffer[];
}

/** Returns the groups that come of classes that are together. */
function joined(classes: readonly LinkClass[]): LinkGroup[] {
  const joints = new Joints<LinkClass>();
  const byGroup = new Map<string, LinkClass[]>();
  for (const each of classes) {
    for (const [side, place] of each.places.entries()) {
      if (typeof place !== "number") continue;
      const key = `${side} ${place} ${each.file}`;
      byGroup.set(key, [...(byGroup.get(key) ?? []), each]);
    }
  }
  for (const members of byGroup.values()) {
    for (const [index, a] of members.entries())
      for (const b of members.slice(index)) if (areTogether(a, b)) joints.join(a, b);
  }
  const groups = new Map<LinkClass, Buffer[]>();
  for (const each of classes) {
    const head = joints.headOf(each);
    // Names of a class by itself are together only where the class is with itself.
    if (!joints.isJoined(each)) continue;
    groups.set(head, [...(groups.get(head) ?? []), ...each.paths]);
  }
  return [...groups.values()].filter((paths) => paths.length > 1);
}

function areTogether(a: LinkClass, b: LinkClass): boolean {
  const [base, ours, theirs] = a.places.map((place, side) => {
    const other = b.places[side];
    return place === "absent" || other === "absent"
      ? undefined
      : place !== "alone" && place === other;
  });
  const was = base ?? false;
  const [first, second] = [ours ?? was, theirs ?? was];
  return first === second ? first : first === was ? second : first;
}

function* groupsOf(
  objects: ObjectSource,
  root: Root,
  concerned: ReadonlySet<string>,
): Generator<void, Groups> {
  const groups = new Map<string, number>();
  let number = 0;
  for (const paths of linkGroups(objects, root)) {
    yield;
    for (const path of paths) {
      const key = path.toString("latin1");
      if (concerned.has(key)) groups.set(key, number);
    }
    number++;
  }
  return groups;
}

/** Which paths get another record or go. Of a directory in which nothing is edited, no path is looked at. */
class EditedPaths {
  readonly #edits: TreeEdits;
  /** By path in Latin-1. */
  readonly #directories = new Map<string, boolean>();

  constructor(edits: TreeEdits) {
    this.#edits = edits;
  }

  /** @param key the path in Latin-1 */
  has(key: string): boolean {
    const slash = key.lastIndexOf("/");
    return (slash < 0 || this.#hasDirectory(key.slice(0, slash))) && this.#isEdited(key);
  }

  #hasDirectory(key: string): boolean {
    let isEdited = this.#directories.get(key);
    if (isEdited === undefined) this.#directories.set(key, (isEdited = this.#isEdited(key)));
    return isEdited;
  }

  #isEdited(key: string): boolean {
    return this.#edits.isEdited(Buffer.from(key, "latin1"));
  }
}

/** Returns the paths that are in another group on one side than in the base. */
function regroupedPaths(objects: ObjectSource, { base, ours, theirs }: MergeSides): Set<string> {
  const found = new Set<string>();
  for (const { links } of [ours, theirs]) {
    for (const pair of differingRecords(objects, base.links, links, linkGroupName)) {
      for (const record of pair)
        for (const path of record === undefined ? [] : decodeLinkGroup(record))
          found.add(path.toString("latin1"));
    }
  }
  return found;
}

function isThere(objects: ObjectSource, root: Root, path: Buffer): boolean {
  const entry: Entry | undefined = findEntry(objects, root.entry, parseTreePath(path));
  return entry !== undefined && entry.kind !== "directory";
}

/** What is joined with what. */
class Joints<T> {
  readonly #above = new Map<T, T>();

  join(a: T, b: T): void {
    this.#above.set(this.headOf(a), this.headOf(b));
    if (!this.#above.has(this.headOf(b))) this.#above.set(this.headOf(b), this.headOf(b));
  }

  isJoined(each: T): boolean {
    return this.#above.has(each);
  }

  headOf(each: T): T {
    let head = each;
    for (let next = this.#above.get(head); next !== undefined && next !== head; ) {
      head = next;
      next = this.#above.get(head);
    }
    return head;
  }
}

const EMPTY = Buffer.alloc(0);
