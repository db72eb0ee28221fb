/**
 * Link tree: the tree of hard-link groups.
 */
import { NO_DIGEST } from "../model/digest.js";
import type { LinkGroup } from "./links-codec.js";
import { encodeLinkGroup } from "./links-codec.js";
import { NODE_TYPES } from "./node-codec.js";
import type { NodeSink, TreeRecord } from "./tree-builder.js";
import { buildTree } from "./tree-builder.js";

/**
 * Returns the digest of the tree of some groups, zero where there are none; hands its nodes to the sink.
 *
 * @param groups in any order, with their paths in any order; one of fewer than two paths is none
 */
export function buildLinks(groups: Iterable<LinkGroup>, nodes: NodeSink): Buffer {
  const records: TreeRecord[] = [];
  for (const group of groups) {
    if (group.length < 2) continue;
    const paths = group.toSorted((a, b) => a.compare(b));
    const name = paths[0] as Buffer;
    records.push({ name, record: encodeLinkGroup(paths), entryCount: 1, totalBytes: 0 });
  }
  if (records.length === 0) return NO_DIGEST;
  records.sort((a, b) => a.name.compare(b.name));
  return buildTree(NODE_TYPES.links, records, nodes).digest;
}
