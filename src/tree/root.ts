/**
 * Root: what a snapshot's digest refers to.
 */
import { NO_DIGEST } from "../model/digest.js";
import type { DirectoryEntry } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import { decodeEntry } from "./entry-codec.js";
import type { LinkGroup } from "./links-codec.js";
import { decodeLinkGroup } from "./links-codec.js";
import { decodeRoot } from "./node-codec.js";
import type { ObjectSource } from "./tree-reader.js";
import { treeRecords } from "./tree-reader.js";

/** A snapshot's root: the captured directory itself and its hard-link groups. */
export interface Root {
  readonly entry: DirectoryEntry;
  /** Tree of the hard-link groups; `undefined` where there are none. */
  readonly links: Buffer | undefined;
}

/**
 * Returns the root of a digest.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function readRoot(source: ObjectSource, digest: Buffer): Root {
  const { record, links } = decodeRoot(source.readObject(digest));
  const entry = decodeEntry(record);
  if (entry.kind !== "directory")
    throw new CoppiceError("CORRUPT", "Cannot read snapshot: its root is no directory");
  return { entry, links: links.equals(NO_DIGEST) ? undefined : links };
}

/** Returns how many chunks a root refers to at most, roughly: whether to look them up one by one depends on it. */
export function expectedChunks({ entry }: Root): number {
  return 1 + entry.entryCount + Math.ceil(entry.totalBytes / MEAN_CHUNK_BYTES);
}

/** The mean length of a chunk of a large file (src/chunk/FORMAT.md). */
const MEAN_CHUNK_BYTES = 5000;

/** Yields the hard-link groups of a root, ordered by their first paths. */
export function* linkGroups(source: ObjectSource, root: Pick<Root, "links">): Generator<LinkGroup> {
  if (root.links === undefined) return;
  for (const record of treeRecords(source, root.links)) yield decodeLinkGroup(record);
}
