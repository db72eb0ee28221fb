/**
 * Change source: what a layer changes against the one below, as what an image is made of. From a list of changes in any
 * order; all of it is held in memory.
 */
import type { DirectoryEntry, EntryAttributes } from "../model/entry.js";
import type { ImageDirectory, ImageEntry, ImageItem, ImageSource } from "./image-source.js";

/** A path, relative to the root and without leading `/`, and what is to be there. */
export type ImageChange =
  | {
      readonly kind: "directory";
      /** Empty for the root. */
      readonly path: Buffer;
      /** Its name is not looked at, nor is its tree: what is in it comes as changes, or from the layer below. */
      readonly attributes: EntryAttributes | DirectoryEntry;
      /** Whether nothing that the layer below has in it is to be seen. */
      readonly isOpaque: boolean;
    }
  | {
      readonly kind: "entry";
      readonly path: Buffer;
      /** Its name is not looked at. */
      readonly entry: ImageEntry;
      /** Paths with the same number are one inode; their entries are equal but for the names. */
      readonly link?: number;
    }
  /** Nothing is to be seen here, whatever the layer below has. */
  | { readonly kind: "whiteout"; readonly path: Buffer };

/**
 * Returns the source of a layer.
 *
 * A directory's attributes are those of the layer's, so each directory above a change must be given too, the root among them.
 *
 * @throws {RangeError} where one is missing, a path is given twice, or something lies below what is no directory
 */
export function changeSource(changes: Iterable<ImageChange>): ImageSource {
  const root = newNode();
  for (const change of changes) {
    const node = change.path.length === 0 ? root : nodeAt(root, change.path);
    if (node.change !== undefined) throw misuse(change.path, "is given twice");
    node.change = change;
  }
  return { root: directoryOf(root, EMPTY) };
}

interface Node {
  change: ImageChange | undefined;
  /** By name, as Latin-1, so that each byte is a character. */
  readonly children: Map<string, Node>;
}

const EMPTY = Buffer.alloc(0);

function newNode(): Node {
  return { change: undefined, children: new Map() };
}

function nodeAt(root: Node, path: Buffer): Node {
  let at = root;
  for (const name of path.toString("latin1").split("/")) {
    let child = at.children.get(name);
    if (child === undefined) at.children.set(name, (child = newNode()));
    at = child;
  }
  return at;
}

function directoryOf(node: Node, path: Buffer): ImageDirectory {
  const { change } = node;
  if (change?.kind !== "directory")
    throw misuse(path, "has entries and is not given as a directory");
  const name = path.subarray(path.lastIndexOf(SLASH) + 1);
  return {
    attributes: { ...change.attributes, name },
    isOpaque: change.isOpaque,
    *items() {
      // Latin-1 orders by bytes as strings are ordered by their 16-bit units.
      const names = [...node.children.keys()].sort();
      for (const each of names) yield itemOf(node.children.get(each) as Node, path, each);
    },
  };
}

function itemOf(node: Node, parent: Buffer, latin1Name: string): ImageItem {
  const name = Buffer.from(latin1Name, "latin1");
  const path = parent.length === 0 ? name : Buffer.concat([parent, Buffer.from([SLASH]), name]);
  const { change } = node;
  if (change === undefined || change.kind === "directory")
    return { kind: "directory", directory: directoryOf(node, path) };
  if (node.children.size > 0) throw misuse(path, "has entries and is no directory");
  if (change.kind === "whiteout") return { kind: "whiteout", name };
  return { kind: "entry", entry: { ...change.entry, name }, link: change.link };
}

const SLASH = 0x2f;

function misuse(path: Buffer, what: string): RangeError {
  return new RangeError(`Cannot make layer: "${path}" ${what}`);
}
