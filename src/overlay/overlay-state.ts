/**
 * Overlay state: everything that is in an overlay, as a value.
 */
import type { Keep } from "../catalog/hold-table.js";
import { NO_ATTRIBUTES } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import type { Root } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import type { DirectoryInode, Inode } from "./inode.js";
import { inodeOf, now, ROOT } from "./inode.js";
import { PersistentMap } from "./persistent-map.js";
import type { StoredLinks } from "./stored-links.js";
import { storedLinks } from "./stored-links.js";

/** Everything that is in an overlay. */
export interface OverlayState {
  readonly inodes: PersistentMap<number, Inode>;
  /** The next number for a new inode. */
  readonly nextNumber: number;
  readonly links: StoredLinks;
  /** The files that were given several names, or had them and are owned. */
  readonly linked: PersistentMap<number, true>;
  /** The tree of link groups as of the last snapshot; `undefined` where it may be another one now. */
  readonly linkTree: Buffer | undefined | "touched";
  /** Keeps what is stored of it. */
  readonly keep: Keep | undefined;
}

const NO_INODES: PersistentMap<number, Inode> = PersistentMap.empty();

const EMPTY_STATE: OverlayState = {
  inodes: NO_INODES,
  nextNumber: ROOT + 1,
  links: { groups: [], byName: new Map() },
  linked: PersistentMap.empty(),
  linkTree: undefined,
  keep: undefined,
};

/**
 * Returns the state of a snapshot of which nothing was touched.
 *
 * @param keep of its root
 */
export function stateOf(objects: ObjectSource, root: Root, keep: Keep): OverlayState {
  return {
    ...EMPTY_STATE,
    inodes: NO_INODES.set(ROOT, inodeOf(root.entry, ROOT, [])),
    links: storedLinks(objects, root),
    linkTree: root.links,
    keep,
  };
}

/** Returns the state of an empty overlay. */
export function emptyState(
  attributes: Pick<Inode, "mode" | "uid" | "gid">,
  moment = now(),
): OverlayState {
  const directory: DirectoryInode = {
    ...inodeOf({ ...NO_ATTRIBUTES, kind: "fifo" }, ROOT, []),
    ...attributes,
    kind: "directory",
    tree: undefined,
    names: PersistentMap.empty(),
    touched: PersistentMap.empty(),
    ...{ modified: moment, accessed: moment, changed: moment, born: moment },
  };
  return { ...EMPTY_STATE, inodes: NO_INODES.set(ROOT, directory) };
}

/** The state of an overlay that was discarded: whatever is looked for in it, that is the answer. */
export const ENDED: OverlayState = {
  ...EMPTY_STATE,
  get inodes(): never {
    throw discarded();
  },
};

/** Returns the error of who uses an overlay that was discarded. */
export function discarded(): CoppiceError {
  const message = "Cannot use overlay: it was discarded, take another one of its snapshot";
  return new CoppiceError("NOT_FOUND", message);
}
