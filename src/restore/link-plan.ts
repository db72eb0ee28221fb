/**
 * Link plan: which names become one file, and which of them keep the file that stands.
 *
 * A group of names is restored under one of them, its *leader*; the others become links to it. Where names
 * that stand as one file are to go their ways, one group keeps that file, so that nothing is written that is
 * there already.
 */
import type { Entry } from "../model/entry.js";
import { parseTreePath } from "../model/tree-path.js";
import { sameContent } from "../tree/entry-difference.js";
import type { LinkGroup } from "../tree/links-codec.js";
import { decodeLinkGroup, linkGroupName } from "../tree/links-codec.js";
import type { Root } from "../tree/root.js";
import { linkGroups } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { differingRecords, findEntry } from "../tree/tree-reader.js";

/** Whether a path is wanted. */
type Includes = (path: Buffer) => boolean;

export class LinkPlan {
  readonly #objects: ObjectSource;
  readonly #current: Root | undefined;
  readonly #target: Root;
  /** For each name of a file with several, in Latin-1, the name under which it is restored. */
  readonly #leaders = new Map<string, Buffer>();
  /** Names that belong to other files now than they should, by the directory they are in. */
  readonly #relinked = new Map<string, Set<string>>();
  /** Paths among them that keep their file. */
  readonly #kept = new Set<string>();

  /** @param current `undefined` for an empty directory */
  constructor(objects: ObjectSource, current: Root | undefined, target: Root, includes: Includes) {
    this.#objects = objects;
    this.#current = current;
    this.#target = target;
    for (const group of linkGroups(objects, target)) {
      const wanted = group.filter(includes);
      for (const path of wanted) this.#leaders.set(keyOf(path), wanted[0] as Buffer);
    }
    if (current !== undefined) this.#compare(current, includes);
  }

  /** Returns the name under which a path's file is restored, where it has several. */
  leaderOf(path: Buffer): Buffer | undefined {
    return this.#leaders.get(keyOf(path));
  }

  /** Returns the names in a directory, in Latin-1, that are or hold names of other files than they should be. */
  relinkedIn(directory: Buffer): ReadonlySet<string> | undefined {
    return this.#relinked.get(keyOf(directory));
  }

  /** Returns whether a path has to become a name of another file than it is. */
  changesFile(path: Buffer): boolean {
    const key = keyOf(path);
    return !this.#kept.has(key) && this.#relinked.get(directoryOf(key))?.has(baseOf(key)) === true;
  }

  #compare(current: Root, includes: Includes): void {
    const standing: LinkGroup[] = [];
    const wanted: LinkGroup[] = [];
    const { links } = this.#target;
    for (const [a, b] of differingRecords(this.#objects, current.links, links, linkGroupName)) {
      if (a !== undefined) standing.push(decodeLinkGroup(a));
      if (b !== undefined) wanted.push(decodeLinkGroup(b));
    }
    for (const path of [...standing, ...wanted].flat()) this.#noteRelinked(path);
    const inodes = new Map<string, LinkGroup>();
    /** Files that are taken: also those that a name which is not wanted keeps. */
    const taken = new Set<LinkGroup>();
    for (const group of standing) {
      for (const path of group) inodes.set(keyOf(path), group);
      if (!group.every(includes)) taken.add(group);
    }
    const grouped = new Set(wanted.flat().map(keyOf));
    const single = standing.flat().filter((path) => !grouped.has(keyOf(path)));
    for (const group of [...wanted, ...single.map((path) => [path])])
      this.#keep(group.filter(includes), inodes, taken);
  }

  /** Has a group keep a file that one of its names is, if there is one with its content. */
  #keep(group: LinkGroup, inodes: ReadonlyMap<string, LinkGroup>, taken: Set<LinkGroup>): void {
    const leader = group.find((path) => {
      const inode = inodes.get(keyOf(path));
      return (inode === undefined || !taken.has(inode)) && this.#standsAlready(path);
    });
    if (leader === undefined) return;
    const inode = inodes.get(keyOf(leader)) ?? [leader];
    taken.add(inode);
    for (const path of group) {
      this.#leaders.set(keyOf(path), leader);
      if (inode.some((each) => each.equals(path))) this.#kept.add(keyOf(path));
    }
  }

  #standsAlready(path: Buffer): boolean {
    const old = this.#entryAt(this.#current, path);
    const now = this.#entryAt(this.#target, path);
    return old !== undefined && now !== undefined && old.kind === now.kind && sameContent(old, now);
  }

  #entryAt(root: Root | undefined, path: Buffer): Entry | undefined {
    return findEntry(this.#objects, root?.entry, parseTreePath(path));
  }

  #noteRelinked(path: Buffer): void {
    // A directory whose subtree is the same is not visited: it must be now, down from the root.
    for (let key = keyOf(path); key !== ""; key = directoryOf(key)) {
      const directory = directoryOf(key);
      let names = this.#relinked.get(directory);
      if (names === undefined) this.#relinked.set(directory, (names = new Set()));
      names.add(baseOf(key));
    }
  }
}

function keyOf(path: Buffer): string {
  return path.toString("latin1");
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
