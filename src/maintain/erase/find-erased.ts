/**
 * Find erased: which snapshots have what is to be erased, and where.
 */
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import { DigestSet } from "../../hash/digest-set.js";
import type { Entry } from "../../model/entry.js";
import { parseTreePath } from "../../model/tree-path.js";
import type { Engine } from "../../snapshot/engine.js";
import type { Root } from "../../tree/root.js";
import { readRoot } from "../../tree/root.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { findEntry } from "../../tree/tree-reader.js";
import type { FileContent } from "./file-contents.js";
import { ContentCollection, ContentFinder } from "./file-contents.js";
import { matchDigests } from "./match-digests.js";
import { outermost } from "./without-paths.js";

/** What is to be erased. */
export interface EraseTarget {
  /** Relative to snapshots' roots. */
  readonly paths: readonly Buffer[];
  /** Of contents. */
  readonly digests: readonly Buffer[];
}

/** A snapshot that has some of it. */
export interface AffectedSnapshot {
  readonly row: SnapshotRow;
  readonly root: Root;
  /** Where; none lies in another one. */
  readonly paths: readonly Buffer[];
}

/** What was found. */
export interface FoundTargets {
  /** The newest first. */
  readonly affected: readonly AffectedSnapshot[];
  /** What goes from them, each once. */
  readonly contents: readonly FileContent[];
  /** What no snapshot has. */
  readonly missing: EraseTarget;
}

/**
 * Looks for it in all snapshots, as they are now. Paths cost a look-up in each; digests a look at every name, trees that snapshots share once;
 * yields now and then.
 *
 * @param onSnapshot called for each snapshot that was looked at
 * @throws {CoppiceError} CORRUPT
 */
export function* findErased(
  { catalog }: Pick<Engine, "catalog">,
  objects: ObjectSource,
  { paths, digests }: EraseTarget,
  onSnapshot: (done: number, total: number) => void,
): Generator<void, FoundTargets> {
  const rows = [...catalog.snapshots.all()];
  const roots = rows.map((row) => readRoot(objects, row.digest));
  let missingDigests: readonly Buffer[] = [];
  const wanted = new DigestSet();
  if (digests.length > 0) {
    const everything = new ContentCollection(objects);
    for (const { entry } of roots) yield* everything.addTree(entry.tree);
    const { contents, notFound } = yield* matchDigests(objects, everything.all, digests);
    for (const { content } of contents) wanted.add(content.digest);
    missingDigests = notFound;
  }
  const finder = new ContentFinder(objects, wanted);
  const gone = new ContentCollection(objects);
  const seen = new Set<Buffer>();
  const affected: AffectedSnapshot[] = [];
  for (const [index, root] of roots.entries()) {
    const own: Buffer[] = [];
    for (const path of paths) {
      const entry = findEntry(objects, root.entry, parseTreePath(path));
      if (entry === undefined) continue;
      seen.add(path);
      own.push(path);
      yield* addContents(gone, entry);
    }
    for (const { path } of yield* finder.find(root.entry.tree)) {
      own.push(path);
      yield* addContents(gone, findEntry(objects, root.entry, parseTreePath(path))!);
    }
    if (own.length > 0) affected.push({ row: rows[index]!, root, paths: outermost(own) });
    onSnapshot(index + 1, roots.length);
    yield;
  }
  const missingPaths = paths.filter((path) => !seen.has(path));
  return {
    affected,
    contents: gone.all,
    missing: { paths: missingPaths, digests: missingDigests },
  };
}

function* addContents(contents: ContentCollection, entry: Entry): Generator<void, void> {
  if (entry.kind === "file") contents.addFile(entry);
  else if (entry.kind === "directory") yield* contents.addTree(entry.tree);
}
