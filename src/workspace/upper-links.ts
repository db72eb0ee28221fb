/**
 * Upper links: the hard-link groups of what an overlay shows.
 *
 * A name of a group below that is changed through the overlay is copied up and is a file of its own from
 * then on; the group's other names stay one.
 */
import { NO_DIGEST } from "../model/digest.js";
import { encodeLinkGroup } from "../tree/links-codec.js";
import { NODE_TYPES } from "../tree/node-codec.js";
import type { Root } from "../tree/root.js";
import { linkGroups } from "../tree/root.js";
import type { NodeSink, TreeRecord } from "../tree/tree-builder.js";
import { buildTree } from "../tree/tree-builder.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import type { UpperNames } from "./upper-names.js";

/**
 * Returns the digest of the groups' tree, zero where there are none.
 *
 * @param base the tree of the layers below
 * @param linked the paths of each inode in the upper directory that has several names
 */
export function buildLinks(
  objects: ObjectSource,
  base: Root,
  names: UpperNames,
  linked: Iterable<readonly string[]>,
  nodes: NodeSink,
): Buffer {
  const records: TreeRecord[] = [];
  const add = (paths: readonly string[]): void => {
    if (paths.length < 2) return;
    const group = paths.map((path) => Buffer.from(path, "latin1")).sort((a, b) => a.compare(b));
    const name = group[0] as Buffer;
    records.push({ name, record: encodeLinkGroup(group), entryCount: 1, totalBytes: 0 });
  };
  for (const group of linkGroups(objects, base))
    add(group.flatMap((path) => names.pathsAbove(path.toString("latin1"))));
  for (const paths of linked) add(paths);
  if (records.length === 0) return NO_DIGEST;
  records.sort((a, b) => a.name.compare(b.name));
  return buildTree(NODE_TYPES.links, records, nodes).digest;
}
