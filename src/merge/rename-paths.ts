/**
 * Rename paths: a tree with some of its paths under other names.
 */
import { NO_DIGEST } from "../model/digest.js";
import { parseTreePath } from "../model/tree-path.js";
import { encodeEntry } from "../tree/entry-codec.js";
import { buildLinks } from "../tree/link-tree.js";
import type { NewObjects } from "../tree/new-objects.js";
import { encodeRoot } from "../tree/node-codec.js";
import type { Root } from "../tree/root.js";
import { linkGroups, readRoot } from "../tree/root.js";
import { TreeEdits } from "../tree/tree-edits.js";
import { renamed } from "../tree/tree-record.js";

/** A path and what it becomes. */
export interface PathRename {
  readonly from: Buffer;
  readonly to: Buffer;
  /** Has the directories on the way to `to`. */
  readonly like: Root;
}

/**
 * Returns a tree in which some paths have other names; what is not there is passed over. Times of directories stay as they are.
 *
 * @param renames of which none concerns what another one moves
 */
export function renamePaths(objects: NewObjects, root: Root, renames: readonly PathRename[]): Root {
  const { entry } = root;
  const outcome = { same: entry, changed: entry, goesWhenEmpty: false };
  const edits = new TreeEdits(objects, encodeEntry(entry), outcome);
  const done = new Map<string, Buffer>();
  for (const each of renames) {
    const record = edits.recordAt(each.from);
    const name = parseTreePath(each.to).at(-1);
    if (record === undefined || name === undefined) continue;
    edits.put(each.from, undefined, each.like.entry);
    edits.put(each.to, renamed(record, name), each.like.entry);
    done.set(each.from.toString("latin1"), each.to);
  }
  if (done.size === 0) return root;
  const groups = [...linkGroups(objects, root)].map((paths) =>
    paths.map((path) => pathAfter(path, done)),
  );
  const links = root.links === undefined ? NO_DIGEST : buildLinks(groups, objects);
  const node = encodeRoot(edits.build(objects), links);
  objects.putNode(node);
  return readRoot(objects, node.digest);
}

/** @param renames by what a path was, in Latin-1 */
function pathAfter(path: Buffer, renames: ReadonlyMap<string, Buffer>): Buffer {
  for (let end = path.length; end > 0; end = path.lastIndexOf(SLASH, end - 1)) {
    const to = renames.get(path.toString("latin1", 0, end));
    if (to !== undefined) return Buffer.concat([to, path.subarray(end)]);
  }
  return path;
}

const SLASH = 0x2f;
