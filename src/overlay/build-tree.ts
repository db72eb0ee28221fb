/**
 * Build tree: what an overlay holds becomes trees and a root. Costs what was touched since the last time: directories
 * in which nothing was are those of the last snapshot.
 */

import { NO_DIGEST } from "../model/digest.js";
import type { DirectoryEntry } from "../model/entry.js";
import type { SnapshotWriter } from "../snapshot/snapshot-writer.js";
import { editTree } from "../tree/edit-tree.js";
import { encodeEntry } from "../tree/entry-codec.js";
import { buildLinks } from "../tree/link-tree.js";
import type { EncodedNode } from "../tree/node-codec.js";
import { encodeRoot } from "../tree/node-codec.js";
import type { NodeSink } from "../tree/tree-builder.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import type { ContentSink } from "./content-sink.js";
import type { DirectoryInode, Inode } from "./inode.js";
import { attributesOf, GONE, ROOT } from "./inode.js";
import type { OverlayState } from "./overlay-state.js";
import { PersistentMap } from "./persistent-map.js";

/** What the store is given. */
export interface TreeSinks {
  readonly objects: ObjectSource;
  readonly nodes: NodeSink;
  readonly contents: ContentSink;
  /** Tells what is new, where something is stored: a directory with something new in it need not be looked for. */
  readonly writer?: Pick<SnapshotWriter, "bytesNew" | "newNodes">;
}

/** An overlay as it is stored. */
export interface BuiltOverlay {
  readonly root: EncodedNode;
  readonly entry: DirectoryEntry;
  /** The same overlay, of which nothing is touched. */
  readonly state: OverlayState;
}

/** Builds the trees of a state; yields now and then, for others to get a turn. */
export function* buildOverlay(
  state: OverlayState,
  sinks: TreeSinks,
): Generator<void, BuiltOverlay> {
  return yield* new Builder(state, sinks).run();
}

/** A directory that is being built. */
interface Level {
  readonly directory: DirectoryInode;
  readonly name: string;
  /** What of it is left to be looked at. */
  readonly touched: Iterator<readonly [string, true]>;
  readonly edits: Map<string, Buffer | undefined>;
  names: DirectoryInode["names"];
  /** What had been stored before the first of them. */
  readonly bytesBefore: number;
}

function levelOf(directory: DirectoryInode, name: string, bytesBefore: number): Level {
  const touched = directory.touched[Symbol.iterator]();
  return { directory, name, touched, edits: new Map(), names: directory.names, bytesBefore };
}

class Builder {
  readonly #sinks: TreeSinks;
  readonly #state: OverlayState;
  #inodes: OverlayState["inodes"];

  constructor(state: OverlayState, sinks: TreeSinks) {
    this.#sinks = sinks;
    this.#state = state;
    this.#inodes = state.inodes;
  }

  *run(): Generator<void, BuiltOverlay> {
    const before = this.#state.inodes.get(ROOT) as DirectoryInode;
    const entry = yield* this.#directory(before);
    const linkTree = this.#linkTree();
    return {
      root: encodeRoot(encodeEntry(entry), linkTree ?? NO_DIGEST),
      entry,
      state: { ...this.#state, inodes: this.#inodes, linkTree },
    };
  }

  /** No recursion: by renaming, directories come to lie thousands deep. */
  *#directory(top: DirectoryInode): Generator<void, DirectoryEntry> {
    const levels: [Level, ...Level[]] = [levelOf(top, "", this.#bytesNew)];
    for (;;) {
      const level = levels.at(-1) as Level;
      const next = level.touched.next();
      if (next.done === true) {
        const entry = this.#entryOf(level);
        levels.pop();
        const above = levels.at(-1);
        if (above === undefined) return entry;
        above.edits.set(level.name, encodeEntry(entry));
        continue;
      }
      const [name] = next.value;
      const number = level.directory.names.get(name);
      if (number === undefined || number === GONE) {
        level.edits.set(name, undefined);
        level.names = level.names.delete(name);
        continue;
      }
      const inode = this.#inodes.get(number) as Inode;
      if (inode.kind === "directory") levels.push(levelOf(inode, name, this.#bytesNew));
      else level.edits.set(name, yield* this.#record(inode, name));
    }
  }

  get #bytesNew(): number {
    return this.#sinks.writer?.bytesNew ?? 0;
  }

  /** Returns the entry of a directory of which all that was touched is known. */
  #entryOf({ directory, name, edits, names, bytesBefore }: Level): DirectoryEntry {
    let { tree } = directory;
    if (tree === undefined || edits.size > 0) {
      const { objects, nodes, writer } = this.#sinks;
      const isNew = writer !== undefined && this.#bytesNew > bytesBefore;
      tree = editTree(objects, tree?.digest, edits, isNew ? writer.newNodes : nodes);
      const settled = { ...directory, tree, names, touched: UNTOUCHED };
      this.#inodes = this.#inodes.set(directory.number, settled);
    }
    const { digest, stateDigest, entryCount, totalBytes } = tree;
    const attributes = attributesOf(directory, name);
    const own = { tree: digest, stateTree: stateDigest, entryCount, totalBytes };
    return { kind: "directory", ...attributes, ...own };
  }

  *#record(inode: Exclude<Inode, DirectoryInode>, name: string): Generator<void, Buffer> {
    const attributes = attributesOf(inode, name);
    switch (inode.kind) {
      case "file": {
        const { sizeBytes } = inode.content;
        const content = inode.content.stored ?? (yield* this.#sinks.contents.put(inode.content));
        return encodeEntry({ kind: "file", ...attributes, sizeBytes, content });
      }
      case "symlink":
        return encodeEntry({ kind: "symlink", ...attributes, target: inode.target });
      case "fifo":
        return encodeEntry({ kind: "fifo", ...attributes });
      default: {
        const { kind, major, minor } = inode;
        return encodeEntry({ kind, ...attributes, major, minor });
      }
    }
  }

  /** Returns the tree of hard-link groups, `undefined` for none. */
  #linkTree(): Buffer | undefined {
    const { linkTree, links, linked } = this.#state;
    if (linkTree !== "touched") return linkTree;
    const groups = links.groups
      .filter(({ number }) => !linked.has(number))
      .map(({ paths }) => paths);
    for (const [number] of linked) {
      const places = this.#inodes.get(number)?.places ?? [];
      if (places.length > 1)
        groups.push(places.map(({ parent, name }) => this.#path(parent, name)));
    }
    const tree = buildLinks(groups, this.#sinks.nodes);
    return tree.equals(NO_DIGEST) ? undefined : tree;
  }

  #path(parent: number, name: string): Buffer {
    const names = [name];
    for (let number = parent; number !== ROOT; ) {
      const [place] = (this.#inodes.get(number) as DirectoryInode).places;
      if (place === undefined) throw new Error(`Directory ${number} has no place`);
      names.unshift(place.name);
      number = place.parent;
    }
    return Buffer.from(names.join("/"), "latin1");
  }
}

const UNTOUCHED: DirectoryInode["touched"] = PersistentMap.empty();
