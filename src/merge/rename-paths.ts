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
  const done: PathRename[] = [];
  for (const each of renames) {
    const record = edits.recordAt(each.from);
    const name = parseTreePath(each.to).at(-1);
    if (record === undefined || name === undefined) continue;
    edits.put(each.from, undefined, each.like.entry);
    edits.put(each.to, renamed(record, name), each.like.entry);
    done.push(each);
  }
  if (done.length === 0) return root;
  const groups = [...linkGroups(objects, root)].map((paths) =>
    paths.map((path) => pathAfter(path, done)),
  );
  const links = root.links === undefined ? NO_DIGEST : buildLinks(groups, objects);
  const node = encodeRoot(edits.build(objects), links);
  objects.putNode(node);
  return readRoot(objects, node.digest);
}

function pathAfter(path: Buffer, renames: readonly PathRename[]): Buffer {
  for (const { from, to } of renames) {
    const rest = path.subarray(from.length);
    const isWithin = path.subarray(0, from.length).equals(from);
    if (isWithin && (rest.length === 0 || rest[0] === SLASH)) return Buffer.concat([to, rest]);
  }
  return path;
}

const SLASH = 0x2f;
