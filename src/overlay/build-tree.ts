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
    const entry = yield* this.#directory(before, "");
    const linkTree = this.#linkTree();
    return {
      root: encodeRoot(encodeEntry(entry), linkTree ?? NO_DIGEST),
      entry,
      state: { ...this.#state, inodes: this.#inodes, linkTree },
    };
  }

  *#directory(directory: DirectoryInode, name: string): Generator<void, DirectoryEntry> {
    let { tree } = directory;
    if (tree === undefined || directory.touched.size > 0) {
      const { objects, nodes, writer } = this.#sinks;
      const bytesBefore = writer?.bytesNew ?? 0;
      const edits = new Map<string, Buffer | undefined>();
      let { names } = directory;
      for (const [touched] of directory.touched) {
        const number = directory.names.get(touched);
        if (number === undefined || number === GONE) {
          edits.set(touched, undefined);
          names = names.delete(touched);
        } else {
          edits.set(touched, yield* this.#record(this.#inodes.get(number) as Inode, touched));
        }
      }
      const isNew = writer !== undefined && writer.bytesNew > bytesBefore;
      tree = editTree(objects, tree?.digest, edits, isNew ? writer.newNodes : nodes);
      const settled = { ...directory, tree, names, touched: UNTOUCHED };
      this.#inodes = this.#inodes.set(directory.number, settled);
    }
    const { digest, stateDigest, entryCount, totalBytes } = tree;
    const attributes = attributesOf(directory, name);
    const own = { tree: digest, stateTree: stateDigest, entryCount, totalBytes };
    return { kind: "directory", ...attributes, ...own };
  }

  *#record(inode: Inode, name: string): Generator<void, Buffer> {
    if (inode.kind === "directory") return encodeEntry(yield* this.#directory(inode, name));
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
