/**
 * Source: a directory of the user's that is scanned, to be captured or compared.
 */
import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { KnownDirectory } from "../catalog/catalog.js";
import type { DirectoryEntry } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import { specialRecord } from "../scan/entry-reader.js";
import { FileStatus } from "../scan/file-status.js";
import type { StatCache } from "../scan/stat-cache.js";
import { loadStatCache, NO_CACHE } from "../scan/stat-cache.js";
import type { TreeScan } from "../scan/tree-scan.js";
import { decodeEntry, encodeEntry } from "../tree/entry-codec.js";
import type { EncodedNode } from "../tree/node-codec.js";
import { encodeRoot } from "../tree/node-codec.js";
import type { Engine } from "./engine.js";

/** An existing directory outside the store. */
export interface Source {
  /** Absolute, with all symbolic links resolved. */
  readonly path: string;
  /** Device and inode. */
  readonly identity: string;
  /** Identity of the store's own directory. */
  readonly omit: string;
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
  const within = relative(engine.directory, path);
  if (!within.startsWith("..") && !isAbsolute(within)) {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot scan ${path}: it lies inside the store, give another directory`,
      { path },
    );
  }
  return {
    path,
    identity: status.identity,
    omit: FileStatus.ofPath(engine.directory)?.identity ?? "",
  };
}

/** Returns what the catalog keeps of a directory, to know it again. */
export function knownDirectory({ path, identity }: Source): KnownDirectory {
  return { path, identity };
}

/** Returns the stat cache, unless the tree it speaks of is gone: then its digests may point nowhere. */
export function loadUsableCache(
  { disk, catalog }: Pick<Engine, "disk" | "catalog">,
  path: string,
  storeId: string,
): StatCache {
  const cache = loadStatCache(disk, path, storeId);
  if (cache.rootBlock === 0) return NO_CACHE;
  const memory = Buffer.from(cache.memory as unknown as ArrayBuffer);
  const tree = memory.subarray(cache.rootBlock + 16, cache.rootBlock + 48);
  return catalog.has(tree) ? cache : NO_CACHE;
}

/** Returns the root object of a finished scan: the directory's own record with the tree of what is in it. */
export function rootOf(source: Source, scan: TreeScan): EncodedNode {
  const links = scan.finishLinks();
  const status = FileStatus.ofPath(source.path);
  const record =
    status === undefined ? undefined : specialRecord(source.path, Buffer.alloc(0), status);
  if (record === undefined)
    throw new CoppiceError(
      "SOURCE_VANISHED",
      `Cannot scan ${source.path}: it is no directory any more`,
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
