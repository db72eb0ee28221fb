/**
 * Without paths: a snapshot's root without some of its paths. All else stays as it is, the times of directories too.
 */
import { NO_DIGEST } from "../../model/digest.js";
import { encodeEntry } from "../../tree/entry-codec.js";
import { buildLinks } from "../../tree/link-tree.js";
import type { LinkGroup } from "../../tree/links-codec.js";
import type { EncodedNode } from "../../tree/node-codec.js";
import { encodeRoot } from "../../tree/node-codec.js";
import type { Root } from "../../tree/root.js";
import { linkGroups } from "../../tree/root.js";
import type { NodeSink } from "../../tree/tree-builder.js";
import { TreeEdits } from "../../tree/tree-edits.js";
import type { ObjectSource } from "../../tree/tree-reader.js";

/**
 * Returns the root that is left, and hands its new nodes to the sink. A file that had several names keeps those that are not erased.
 *
 * @param paths that stand in it; none lies in another one
 */
export function withoutPaths(
  objects: ObjectSource,
  root: Root,
  paths: readonly Buffer[],
  nodes: NodeSink,
): EncodedNode {
  const { entry } = root;
  const outcome = { same: entry, changed: entry, goesWhenEmpty: false };
  const edits = new TreeEdits(objects, encodeEntry(entry), outcome);
  for (const path of paths) edits.put(path, undefined, entry);
  return encodeRoot(edits.build(nodes), linksWithout(objects, root, paths, nodes));
}

function linksWithout(
  objects: ObjectSource,
  root: Root,
  paths: readonly Buffer[],
  nodes: NodeSink,
): Buffer {
  if (root.links === undefined) return NO_DIGEST;
  const isErased = withinAny(paths);
  let isSame = true;
  const groups: LinkGroup[] = [];
  for (const group of linkGroups(objects, root)) {
    const left = group.filter((path) => !isErased(path));
    if (left.length < group.length) isSame = false;
    groups.push(left);
  }
  return isSame ? root.links : buildLinks(groups, nodes);
}

/** Returns what tells whether a path is one of some others or lies below one of them. */
function withinAny(paths: readonly Buffer[]): (path: Buffer) => boolean {
  const keys = new Set(paths.map((path) => path.toString("latin1")));
  return (path) => {
    const text = path.toString("latin1");
    for (let end = text.length; end > 0; end = text.lastIndexOf("/", end - 1))
      if (keys.has(text.slice(0, end))) return true;
    return false;
  };
}

/** Returns paths in the order of their bytes, each once and without those that lie in another one. */
export function outermost(paths: readonly Buffer[]): Buffer[] {
  const all = new Map(paths.map((path) => [path.toString("latin1"), path]));
  const isWithin = withinAny([...all.values()]);
  return [...all.entries()]
    .filter(([text, path]) => {
      const above = path.subarray(0, Math.max(0, text.lastIndexOf("/")));
      return above.length === 0 || !isWithin(above);
    })
    .map(([, path]) => path)
    .sort((a, b) => a.compare(b));
}
