/**
 * Layer tree: what a layer changes against the one below, as a tree that can be written into a directory.
 *
 * In a directory overlayfs takes a character device 0:0 for a whiteout, and reads its orders from attributes
 * (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
 */
import type { ImageChange } from "../../image/change-source.js";
import { changeSource } from "../../image/change-source.js";
import type { ImageDirectory } from "../../image/image-source.js";
import { markOpaque } from "../../image/overlay-xattrs.js";
import type { Entry } from "../../model/entry.js";
import { NO_ATTRIBUTES } from "../../model/entry.js";
import { childPath } from "../../model/tree-path.js";
import { encodeEntry } from "../../tree/entry-codec.js";
import { buildLinks } from "../../tree/link-tree.js";
import type { NewObjects } from "../../tree/new-objects.js";
import { encodeRoot, NODE_TYPES } from "../../tree/node-codec.js";
import type { Root } from "../../tree/root.js";
import { readRoot } from "../../tree/root.js";
import type { TreeRecord } from "../../tree/tree-builder.js";
import { buildTree } from "../../tree/tree-builder.js";
import { treeRecord } from "../../tree/tree-record.js";

/** Returns the tree of some changes. Its objects are put into `objects`. */
export function layerTree(objects: NewObjects, changes: Iterable<ImageChange>): Root {
  const builder = new LayerTreeBuilder(objects);
  return builder.root(changeSource(changes).root);
}

class LayerTreeBuilder {
  readonly #objects: NewObjects;
  /** The paths of each inode that has several. */
  readonly #links = new Map<number, Buffer[]>();

  constructor(objects: NewObjects) {
    this.#objects = objects;
  }

  root(directory: ImageDirectory): Root {
    const record = this.#directory(directory, EMPTY);
    const root = encodeRoot(record, buildLinks(this.#links.values(), this.#objects));
    this.#objects.putNode(root);
    return readRoot(this.#objects, root.digest);
  }

  #directory({ attributes, isOpaque, items }: ImageDirectory, path: Buffer): Buffer {
    const records: TreeRecord[] = [];
    for (const item of items()) {
      if (item.kind === "whiteout") records.push(treeRecord(encodeEntry(whiteout(item.name))));
      else if (item.kind === "directory") {
        const child = childPath(path, item.directory.attributes.name);
        records.push(treeRecord(this.#directory(item.directory, child)));
      } else {
        if (item.link !== undefined) this.#addLink(item.link, childPath(path, item.entry.name));
        records.push(treeRecord(encodeEntry(item.entry)));
      }
    }
    const { digest, stateDigest, entryCount, totalBytes } = buildTree(
      NODE_TYPES.entries,
      records,
      this.#objects,
    );
    return encodeEntry({
      ...attributes,
      kind: "directory",
      xattrs: isOpaque ? markOpaque(attributes.xattrs) : attributes.xattrs,
      tree: digest,
      stateTree: stateDigest,
      entryCount,
      totalBytes,
    });
  }

  #addLink(link: number, path: Buffer): void {
    const paths = this.#links.get(link);
    if (paths === undefined) this.#links.set(link, [path]);
    else paths.push(path);
  }
}

const EMPTY = Buffer.alloc(0);

function whiteout(name: Buffer): Entry {
  return {
    kind: "character-device",
    ...NO_ATTRIBUTES,
    name,
    major: 0,
    minor: 0,
  };
}
