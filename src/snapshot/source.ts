/**
 * Source: a directory of the user's that is scanned, to be captured or compared.
 */
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { KnownDirectory } from "../catalog/addition.js";
import type { DirectoryEntry } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import type { CachePlace } from "../scan/cache-place.js";
import { specialRecord } from "../scan/entry-reader.js";
import { FileStatus } from "../scan/file-status.js";
import type { StatCache } from "../scan/stat-cache.js";
import { loadStatCache, NO_CACHE } from "../scan/stat-cache.js";
import type { TreeScan } from "../scan/tree-scan.js";
import { decodeEntry, encodeEntry } from "../tree/entry-codec.js";
import type { EncodedNode } from "../tree/node-codec.js";
import { encodeRoot } from "../tree/node-codec.js";
import type { Engine } from "./engine.js";
import { openStoreDirectories } from "./open-stores.js";

/** An existing directory outside the store. */
export interface Source {
  /** Absolute, with all symbolic links resolved. */
  readonly path: string;
  /** Device and inode. */
  readonly identity: string;
  /** Identities of the stores' own directories, which are left out. */
  readonly omit: readonly string[];
  /** Paths that are left out (model/omitted-paths). */
  readonly omitPaths: readonly string[];
}

/**
 * Returns a directory as it stands.
 *
 * @throws {CoppiceError} NOT_A_DIRECTORY; INVALID_ARGUMENT where it lies inside the store
 * @throws {NodeJS.ErrnoException}
 */
export function openSource(engine: Pick<Engine, "directory">, directory: string): Source {
  const path = realpathSync(resolve(directory));
  const status = FileStatus.ofPath(path);
  if (status?.isDirectory !== true) {
    throw new CoppiceError(
      "NOT_A_DIRECTORY",
      `Cannot scan ${path}: it is not a directory, give the directory that holds it`,
      { path },
    );
  }
  requireOutside(engine, path);
  return {
    path,
    identity: status.identity,
    omit: openStoreDirectories().flatMap((each) => FileStatus.ofPath(each)?.identity ?? []),
    omitPaths: [],
  };
}

/** Leaves out what workspaces omit that the directory is, that lie in it, or that it lies in. */
export function withoutOmitted({ catalog }: Pick<Engine, "catalog">, source: Source): Source {
  const omitPaths = catalog.workspaces.omitting().flatMap(({ path, omit }) =>
    omit.flatMap((each) => {
      const absolute = `${Buffer.from(path).toString("latin1")}/${each}`;
      const root = source.path === "/" ? "/" : `${Buffer.from(source.path).toString("latin1")}/`;
      return absolute.startsWith(root) ? absolute.slice(root.length) : [];
    }),
  );
  return { ...source, omitPaths };
}

/**
 * Makes a directory and those above it; one that exists stays as it is.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT where it lies inside the store
 * @throws {NodeJS.ErrnoException}
 */
export function makeSource(engine: Pick<Engine, "directory">, directory: string): void {
  const existing = deepestExisting(directory);
  requireOutside(engine, join(realpathSync(existing), relative(existing, directory)));
  mkdirSync(directory, { recursive: true });
}

/** Returns the deepest part of an absolute path that is there. */
export function deepestExisting(path: string): string {
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  return existing;
}

/** A workspace that has its directory in the store (see `workspaceDirectory`), and what is in it. */
const WORKSPACE = /^workspaces\/[^/]+\/tree(\/|$)/;

/** Returns the directory of a workspace that was given none, below the store. */
export function workspaceDirectory(id: string): string {
  return `workspaces/${id}/tree`;
}

/**
 * Refuses a path inside the store, unless it is a workspace's.
 *
 * @param path with symbolic links resolved
 * @throws {CoppiceError} INVALID_ARGUMENT
 */
export function requireOutside(engine: Pick<Engine, "directory">, path: string): void {
  const within = relative(engine.directory, path);
  if (within.startsWith("..") || isAbsolute(within) || WORKSPACE.test(within)) return;
  throw new CoppiceError(
    "INVALID_ARGUMENT",
    `Cannot use ${path}: it lies inside the store, give one outside`,
    { path },
  );
}

/** Returns what the catalog keeps of a directory, to know it again. */
export function knownDirectory({ path, identity }: Source): KnownDirectory {
  return { path, identity };
}

/** Returns the stat cache, unless the tree it speaks of is gone: then its digests may point nowhere. */
export function loadUsableCache(
  { disk, catalog }: Pick<Engine, "disk" | "catalog">,
  place: CachePlace,
): StatCache {
  const cache = loadStatCache(disk, place);
  if (cache.rootBlock === 0) return NO_CACHE;
  const memory = Buffer.from(cache.memory as unknown as ArrayBuffer);
  const tree = memory.subarray(cache.rootBlock + 16, cache.rootBlock + 48);
  return catalog.chunks.has(tree) ? cache : NO_CACHE;
}

/** Returns the root object of a finished scan: the directory's own record with the tree of what is in it. */
export function rootOf(source: Source, scan: TreeScan): EncodedNode {
  const links = scan.finishLinks();
  const status = FileStatus.ofPath(source.path);
  const record =
    status?.identity === source.identity
      ? specialRecord(source.path, Buffer.alloc(0), status)
      : undefined;
  if (record === undefined)
    throw new CoppiceError(
      "SOURCE_VANISHED",
      `Cannot scan ${source.path}: it is gone, or another directory took its place, try again`,
      { path: source.path },
    );
  const { tree, stateTree, entryCount, totalBytes } = scan.root.block.summary;
  const entry = {
    ...(decodeEntry(record) as DirectoryEntry),
    tree,
    stateTree,
    entryCount,
    totalBytes,
  };
  return encodeRoot(encodeEntry(entry), links);
}
