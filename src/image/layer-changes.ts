/**
 * Layer changes: what an image must hold so that overlayfs, with it above an image of one state, shows another state.
 *
 * Costs what differs between the two, and, where there are hard links, what their groups are.
 */
import type { DirectoryEntry, Entry } from "../model/entry.js";
import { childPath } from "../model/tree-path.js";
import { decodeEntry } from "../tree/entry-codec.js";
import { decodeLinkGroup, linkGroupName } from "../tree/links-codec.js";
import type { Root } from "../tree/root.js";
import { linkGroups } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { differingRecords, findRecord, treeEntries } from "../tree/tree-reader.js";
import type { ImageChange } from "./change-source.js";

/**
 * Returns the changes of a layer, for `changeSource`, in no order.
 *
 * @param before what the image below holds
 * @param after what is to be seen
 * @throws {CoppiceError} CORRUPT
 */
export function layerChanges(objects: ObjectSource, before: Root, after: Root): ImageChange[] {
  const layer = new Layer(objects, after);
  layer.compare(EMPTY, before.entry.tree, after.entry.tree);
  // Which names are one inode may change without any entry: then all of them must be in the layer.
  for (const groups of differingRecords(objects, before.links, after.links, linkGroupName)) {
    for (const group of groups) if (group !== undefined) layer.addPaths(decodeLinkGroup(group));
  }
  return layer.changes();
}

class Layer {
  readonly #objects: ObjectSource;
  readonly #after: Root;
  /** By path, as Latin-1. */
  readonly #changes = new Map<string, ImageChange>();
  readonly #links = new Map<string, number>();

  constructor(objects: ObjectSource, after: Root) {
    this.#objects = objects;
    this.#after = after;
    let number = 0;
    for (const group of linkGroups(objects, after)) {
      for (const path of group) this.#links.set(path.toString("latin1"), number);
      number++;
    }
    this.#addDirectory(EMPTY, after.entry, false);
  }

  changes(): ImageChange[] {
    return [...this.#changes.values()];
  }

  /** Adds what differs between two directories' trees. */
  compare(directory: Buffer, before: Buffer, after: Buffer): void {
    for (const [old, now] of differingRecords(this.#objects, before, after)) {
      const oldEntry = old && decodeEntry(old);
      if (now === undefined) {
        const path = childPath(directory, (oldEntry as Entry).name);
        this.#add({ kind: "whiteout", path });
        continue;
      }
      const entry = decodeEntry(now);
      const path = childPath(directory, entry.name);
      if (entry.kind === "directory" && oldEntry?.kind === "directory") {
        this.#addDirectory(path, entry, false);
        this.compare(path, oldEntry.tree, entry.tree);
      } else this.#addWhole(path, entry, oldEntry !== undefined);
    }
  }

  /** Adds those of some paths that are there, with the directories above them. */
  addPaths(paths: readonly Buffer[]): void {
    for (const path of paths) {
      let directory = this.#after.entry;
      for (let end = path.indexOf(SLASH); ; end = path.indexOf(SLASH, end + 1)) {
        const start = path.lastIndexOf(SLASH, end < 0 ? undefined : end - 1) + 1;
        const name = path.subarray(start, end < 0 ? undefined : end);
        const record = findRecord(this.#objects, directory.tree, name);
        const entry = record && decodeEntry(record);
        // A name of a group that is no more.
        if (entry === undefined || (entry.kind === "directory") === end < 0) break;
        const at = end < 0 ? path : path.subarray(0, end);
        if (!this.#changes.has(at.toString("latin1"))) {
          if (entry.kind === "directory") this.#addDirectory(at, entry, false);
          else this.#addWhole(at, entry, false);
        }
        if (entry.kind !== "directory") break;
        directory = entry;
      }
    }
  }

  /** Adds an entry with all that is in it. */
  #addWhole(path: Buffer, entry: Entry, isOpaque: boolean): void {
    if (entry.kind !== "directory") {
      const link = this.#links.get(path.toString("latin1"));
      this.#add({ kind: "entry", path, entry, ...(link === undefined ? {} : { link }) });
      return;
    }
    this.#addDirectory(path, entry, isOpaque);
    for (const child of treeEntries(this.#objects, entry.tree))
      this.#addWhole(childPath(path, child.name), child, false);
  }

  #addDirectory(path: Buffer, attributes: DirectoryEntry, isOpaque: boolean): void {
    this.#add({ kind: "directory", path, attributes, isOpaque });
  }

  #add(change: ImageChange): void {
    this.#changes.set(change.path.toString("latin1"), change);
  }
}

const EMPTY = Buffer.alloc(0);
const SLASH = 0x2f;
