/**
 * Overlay tree: what is in an overlay, and its smallest changes.
 *
 * A state is a value: inodes by number, each directory with the names that are not as stored. What nobody touched is not in
 * it, but in the tree of the directory that it is stored in. To fork is to hold the same state twice.
 *
 * Invariants:
 * (O1) An inode that is in the state has its parents in the state: it was *owned* from the root on.
 * (O2) A name in `touched` of a directory is in a directory whose own name is touched, up to the root: what changed since
 *      the last snapshot is found from there.
 * (O3) All names of a file with several are owned together: a stored group is owned as a whole or not at all.
 * (O4) A page is written by one overlay alone, and by none once its content has another place (see file-content).
 */

import type { ChunkSource } from "../tree/content-reader.js";
import { DirectoryIndex } from "../tree/directory-index.js";
import type { FileContent, Owner } from "./file-content.js";
import type { DirectoryInode, Inode, Place } from "./inode.js";
import { GONE, inodeOf, ROOT } from "./inode.js";
import { storedNumber } from "./inode-number.js";
import { OpenInodes } from "./open-inodes.js";
import type { OverlayState } from "./overlay-state.js";
import { ENDED } from "./overlay-state.js";
import type { StoredGroup } from "./stored-links.js";
import { directoriesOf } from "./stored-links.js";
import type { WrittenMemory } from "./written-memory.js";

export class OverlayTree {
  readonly objects: ChunkSource;
  readonly memory: Pick<WrittenMemory, "makeRoom" | "note" | "forget">;
  /** What is open in it. */
  readonly open = new OpenInodes();
  readonly #index: DirectoryIndex;
  #state: OverlayState;
  #owner: Owner = {};

  /** @param memory what is written is noted there */
  constructor(
    objects: ChunkSource,
    state: OverlayState,
    memory: Pick<WrittenMemory, "makeRoom" | "note" | "forget">,
  ) {
    this.objects = objects;
    this.memory = memory;
    this.#index = DirectoryIndex.of(objects);
    this.#state = state;
  }

  /** Returns a tree that is the same now, and goes its own way. Costs nothing that depends on what is in it. */
  fork(): OverlayTree {
    this.#owner = {};
    return new OverlayTree(this.objects, this.#state, this.memory);
  }

  /** Who writes into pages now; another one after each fork, copy and snapshot (O4). */
  get owner(): Owner {
    return this.#owner;
  }

  /** Has what was written so far be written to by nobody any more (O4). */
  seal(): OverlayState {
    this.#owner = {};
    return this.#state;
  }

  get state(): OverlayState {
    return this.#state;
  }

  /** Takes another state; what is open keeps what it has. */
  replaceState(state: OverlayState): void {
    this.open.orphanAll((number) => this.#state.inodes.get(number));
    this.#state = { ...state, nextNumber: Math.max(state.nextNumber, this.#state.nextNumber) };
    this.#owner = {};
  }

  /** Lets go of everything: what is asked of it from now on is refused. Costs what was written to. */
  end(): void {
    for (const [, inode] of this.#state.inodes)
      if (inode.kind === "file") this.release(inode.content);
    this.#state = ENDED;
  }

  /** Takes a state that holds the same, as after a snapshot. */
  settleState(state: OverlayState): void {
    this.#state = state;
  }

  get root(): DirectoryInode {
    return this.directory(ROOT);
  }

  /** Returns an owned inode, or one that is open. */
  inode(number: number): Inode {
    const inode = this.open.orphan(number) ?? this.#state.inodes.get(number);
    if (inode === undefined) throw new Error(`Inode ${number} is not owned`);
    return inode;
  }

  /** Returns an owned directory. */
  directory(number: number): DirectoryInode {
    return this.inode(number) as DirectoryInode;
  }

  /** Returns what a name is, owned or not. */
  child(directory: DirectoryInode, name: string): Inode | undefined {
    const number = directory.names.get(name);
    if (number === GONE) return undefined;
    return number === undefined ? this.#stored(directory, name) : this.#state.inodes.get(number);
  }

  /** Returns what a name is in an owned directory, and owns it. */
  ownChild(directory: DirectoryInode, name: string): Inode | undefined {
    const number = directory.names.get(name);
    if (number === GONE) return undefined;
    if (number !== undefined) return this.#state.inodes.get(number);
    const stored = this.#stored(directory, name);
    if (stored === undefined) return undefined;
    if (stored.places.length > 1) {
      this.#ownGroup(this.#state.links.byName.get(storedNumber(directory.number, name))!);
      return this.inode(stored.number);
    }
    const inode =
      this.#state.inodes.has(stored.number) || this.open.has(stored.number)
        ? { ...stored, number: this.newNumber() }
        : stored;
    this.#put(inode);
    this.#put({ ...directory, names: directory.names.set(name, inode.number) });
    return inode;
  }

  /** Returns the names in a directory, as Latin-1, sorted by their bytes. */
  names(directory: DirectoryInode): readonly string[] {
    const stored = directory.tree === undefined ? [] : this.#index.names(directory.tree.digest);
    if (directory.names.size === 0) return stored;
    const added: string[] = [];
    let isLess = false;
    for (const [name, number] of directory.names) {
      if (number === GONE) isLess = true;
      else if (!this.#isStored(directory, name)) added.push(name);
    }
    const left = isLess ? stored.filter((name) => directory.names.get(name) !== GONE) : stored;
    return added.length === 0 ? left : [...left, ...added].sort();
  }

  isEmpty(directory: DirectoryInode): boolean {
    return this.names(directory).length === 0;
  }

  newNumber(): number {
    const { nextNumber } = this.#state;
    this.#state = { ...this.#state, nextNumber: nextNumber + 1 };
    return nextNumber;
  }

  /** Puts an inode in the place of the one of its number: something of it changed. */
  change(inode: Inode): void {
    if (this.open.orphan(inode.number) !== undefined) {
      this.open.keep(inode);
      return;
    }
    this.#put(inode);
    for (const place of inode.places) this.#touch(place);
  }

  /** Gives an inode a name that is free; the directory is owned. */
  link(inode: Inode, place: Place): void {
    this.#rename(place, inode.number);
    const places = [...inode.places, place];
    if (places.length > 1) this.#link(inode.number);
    this.#put({ ...inode, places });
    this.#touch(place);
  }

  /** Takes a name away from an owned inode; it goes with its last one, unless it is open. */
  unlink(inode: Inode, place: Place): void {
    this.#rename(place, GONE);
    this.#touch(place);
    this.#leave(inode, place);
  }

  /** Takes an owned directory away with all that is in it. Costs what of that is owned. */
  unlinkTree(directory: DirectoryInode, place: Place): void {
    const pending = [directory.number];
    for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
      this.ownLinksBelow(number);
      for (const [name, child] of this.directory(number).names) {
        const inode = this.#state.inodes.get(child);
        if (inode?.kind === "directory") pending.push(child);
        else if (inode !== undefined) this.#leave(inode, { parent: number, name });
      }
      if (number !== directory.number) this.#drop({ ...this.inode(number), places: [] });
    }
    this.unlink(this.inode(directory.number), place);
  }

  /** Gives a directory another place. */
  moveDirectory(directory: DirectoryInode, from: Place, to: Place): void {
    this.ownLinksBelow(directory.number);
    if (this.#state.linked.size > 0) this.#state = { ...this.#state, linkTree: "touched" };
    this.#rename(from, GONE);
    this.#touch(from);
    this.#rename(to, directory.number);
    this.#put({ ...this.directory(directory.number), places: [to] });
    this.#touch(to);
  }

  /** Owns the files with several names of which one is stored below a directory: these names move or go with it. */
  ownLinksBelow(number: number): void {
    for (const group of this.#state.links.groups)
      if (group.above.has(number) && !this.isOwned(group)) this.#ownGroup(group);
  }

  isOwned(group: StoredGroup): boolean {
    return this.#state.linked.has(group.number);
  }

  #isStored({ tree }: DirectoryInode, name: string): boolean {
    return tree !== undefined && this.#index.find(tree.digest, name) !== undefined;
  }

  #stored({ tree, number }: DirectoryInode, name: string): Inode | undefined {
    const entry = tree === undefined ? undefined : this.#index.find(tree.digest, name);
    if (entry === undefined) return undefined;
    const own = storedNumber(number, name);
    const { keep, links } = this.#state;
    const { byName } = links;
    const group = byName.size === 0 ? undefined : byName.get(own);
    // What took the place of a name of a group that is gone is no member of it.
    if (group === undefined || this.isOwned(group))
      return inodeOf(entry, own, [{ parent: number, name }], keep);
    return inodeOf(entry, group.number, group.places, keep);
  }

  #ownGroup(group: StoredGroup): void {
    const places = group.paths.map((path, index) => {
      this.#ownDirectories(directoriesOf(path));
      return group.places[index]!;
    });
    const [first] = places as [Place, ...Place[]];
    this.#put(this.#stored(this.directory(first.parent), first.name)!);
    this.#link(group.number);
    for (const { parent, name } of places) {
      const directory = this.directory(parent);
      this.#put({ ...directory, names: directory.names.set(name, group.number) });
    }
  }

  /** Owns stored directories from the root on, wherever these were moved. */
  #ownDirectories(names: readonly string[]): void {
    let number = ROOT;
    for (const name of names) {
      const next = storedNumber(number, name);
      if (!this.#state.inodes.has(next)) this.ownChild(this.directory(number), name);
      number = next;
    }
  }

  #link(number: number): void {
    this.#state = {
      ...this.#state,
      linked: this.#state.linked.set(number, true),
      linkTree: "touched",
    };
  }

  #put(inode: Inode): void {
    this.#state = { ...this.#state, inodes: this.#state.inodes.set(inode.number, inode) };
  }

  /** Has an inode lose a name, and go with the last one. */
  #leave(inode: Inode, { parent, name }: Place): void {
    const places = inode.places.filter((each) => each.parent !== parent || each.name !== name);
    if (inode.places.length > 1) this.#link(inode.number);
    if (places.length > 0) this.#put({ ...inode, places });
    else this.#drop({ ...inode, places });
  }

  /** Notes that a content has left the state: where nobody else has it either, its memory is free. */
  release(content: FileContent): void {
    if (content.isOf(this.#owner)) this.memory.forget(content);
  }

  #drop(inode: Inode): void {
    if (!this.open.keep(inode) && inode.kind === "file") this.release(inode.content);
    this.#state = { ...this.#state, inodes: this.#state.inodes.delete(inode.number) };
  }

  #rename({ parent, name }: Place, number: number): void {
    const directory = this.directory(parent);
    const names =
      number === GONE && !this.#isStored(directory, name)
        ? directory.names.delete(name)
        : directory.names.set(name, number);
    this.#put({ ...directory, names });
  }

  /** See (O2). */
  #touch({ parent, name }: Place): void {
    let touched = name;
    for (let number = parent; ; ) {
      const directory = this.directory(number);
      if (directory.touched.has(touched)) return;
      this.#put({ ...directory, touched: directory.touched.set(touched, true) });
      const [place] = directory.places;
      if (place === undefined) return;
      number = place.parent;
      touched = place.name;
    }
  }
}
