/**
 * Build archive: an archive's tree becomes the trees of a store.
 */
import type { DirectoryEntry } from "../model/entry.js";
import { decodeEntry, encodeEntry, setDirectoryTree } from "../tree/entry-codec.js";
import { buildLinks } from "../tree/link-tree.js";
import type { EncodedNode } from "../tree/node-codec.js";
import { encodeRoot, NODE_TYPES } from "../tree/node-codec.js";
import type { NodeSink, TreeRecord } from "../tree/tree-builder.js";
import { buildTree } from "../tree/tree-builder.js";
import { renamed, treeRecord } from "../tree/tree-record.js";
import type { ArchiveDirectory, ArchiveLeaf } from "./archive-tree.js";

/** An archive as it is stored. */
export interface BuiltArchive {
  readonly root: EncodedNode;
  readonly entryCount: number;
  readonly totalBytes: number;
}

/** A directory that is being built. */
interface Level {
  readonly directory: ArchiveDirectory;
  readonly path: string;
  readonly names: readonly string[];
  next: number;
  readonly records: TreeRecord[];
}

/** Builds trees bottom up; yields now and then, for others to get a turn. No recursion: it may be thousands deep. */
export function* buildArchive(
  root: ArchiveDirectory,
  nodes: NodeSink,
): Generator<void, BuiltArchive> {
  const linked = new Map<ArchiveLeaf, Buffer[]>();
  const levels = [levelOf(root, "")];
  for (;;) {
    const level = levels.at(-1) as Level;
    const name = level.names[level.next++];
    if (name === undefined) {
      const tree = buildTree(NODE_TYPES.entries, level.records, nodes);
      setDirectoryTree(level.directory.record, {
        ...{ tree: tree.digest, stateTree: tree.stateDigest },
        ...{ entryCount: tree.entryCount, totalBytes: tree.totalBytes },
      });
      levels.pop();
      const above = levels.at(-1);
      if (above === undefined) {
        const links = buildLinks(linked.values(), nodes);
        const entry = decodeEntry(level.directory.record) as DirectoryEntry;
        const { entryCount, totalBytes } = entry;
        return { root: encodeRoot(encodeEntry(entry), links), entryCount, totalBytes };
      }
      above.records.push(treeRecord(level.directory.record));
      yield;
      continue;
    }
    const node = level.directory.children.get(name)!;
    const path = level.path + name;
    if (node.kind === "directory") {
      levels.push(levelOf(node, `${path}/`));
      continue;
    }
    if (!node.isLinked) {
      level.records.push(treeRecord(node.record));
      continue;
    }
    const paths = linked.get(node) ?? [];
    linked.set(node, paths);
    paths.push(Buffer.from(path, "latin1"));
    level.records.push(treeRecord(renamed(node.record, Buffer.from(name, "latin1"))));
  }
}

function levelOf(directory: ArchiveDirectory, path: string): Level {
  // Latin-1 sorts as its bytes.
  return { directory, path, names: [...directory.children.keys()].sort(), next: 0, records: [] };
}
