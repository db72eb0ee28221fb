/**
 * Archive tree walk: all that is in an archive's tree, directories before what is in them.
 */
import type { ArchiveDirectory, ArchiveNode } from "./archive-tree.js";

/** A name in a directory. */
export interface WalkedNode {
  readonly directory: ArchiveDirectory;
  /** As Latin-1. */
  readonly name: string;
  readonly node: ArchiveNode;
}

/** Yields all nodes but the root. No recursion: it may be thousands deep. */
export function* walkTree(root: ArchiveDirectory): Generator<WalkedNode, void> {
  const pending = [root];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const [name, node] of directory.children) {
      yield { directory, name, node };
      if (node.kind === "directory") pending.push(node);
    }
  }
}
