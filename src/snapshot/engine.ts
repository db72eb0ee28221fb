/**
 * What operations on a store work with. Each function takes the parts that it needs (`Pick`).
 */
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Catalog } from "../catalog/catalog.js";
import { CATALOG_FILE } from "../catalog/open-database.js";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { Disk } from "../disk/disk.js";
import { nodeDisk } from "../disk/node-disk.js";
import { makeOwnDirectory, makeOwnFile } from "../disk/own-files.js";
import { CoppiceError } from "../model/error.js";
import type { RoomMade } from "../model/room-made.js";
import { explainSystemError } from "../model/system-failure.js";
// biome-ignore lint/style/noRestrictedImports: the type alone, for `overlayOf`
import type { Overlay } from "../overlay/overlay.js";
import { ChunkReader } from "../pack/chunk-reader.js";
import type { ChunkSource } from "../tree/content-reader.js";
import { forgetOpenStore, noteOpenStore } from "./open-stores.js";
import { isDiskFull, spendReserve } from "./reserve.js";
import { StoredObjects } from "./stored-objects.js";

export interface Engine {
  /** The store's directory, absolute. */
  readonly directory: string;
  readonly disk: Disk;
  readonly catalog: Catalog;
  readonly chunks: ChunkReader;
  readonly objects: ChunkSource;
  /** Makes an overlay of a snapshot. Set by the store: the folder of overlays knows this one, not the other way round. */
  overlayOf?: (row: SnapshotRow) => Overlay;
  /**
   * Brings the packs within what they may hold, after a snapshot with which they hold more; some snapshots stay. Set by the store, as that.
   * Fails for nothing that can be expected.
   */
  makeRoom?: (kept: ReadonlySet<string>, signal: AbortSignal | undefined) => Promise<RoomMade>;
}

/**
 * Opens what a store consists of.
 *
 * @param create whether a directory that is missing or empty becomes a store
 * @param diskOf the seam for the store's own files
 * @throws {CoppiceError} NOT_A_STORE, STORE_TOO_NEW, NOT_OWNER, STORE_BUSY, CORRUPT, UNSUPPORTED
 */
export function openEngine(
  directory: string,
  create: boolean,
  diskOf: (root: string) => Disk = nodeDisk,
): Engine {
  const { path, above } = prepareDirectory(resolve(directory), create);
  const disk = diskOf(path);
  const file = join(path, CATALOG_FILE);
  const isNew = !existsSync(file);
  // First, since a directory without it, cut short by a crash, would be taken for somebody else's.
  if (isNew) makeCatalogFile(file);
  for (const each of ["packs", "cache", "sessions"]) disk.makeDirectory(each);
  const catalog = openCatalog(disk, path, file);
  try {
    if (isNew) for (const each of ["", ...above]) disk.syncDirectory(each);
  } catch (error) {
    catalog.close();
    throw explainSystemError(error, `open store ${path}`);
  }
  noteOpenStore(catalog, path);
  const chunks = new ChunkReader(disk, catalog);
  return {
    directory: path,
    disk,
    catalog,
    chunks,
    objects: new StoredObjects(catalog.chunks, chunks),
  };
}

/** Opens the catalog; where the disk is full to the last byte, with the space that was kept for this. */
function openCatalog(disk: Disk, directory: string, file: string): Catalog {
  try {
    return new Catalog(directory, file);
  } catch (error) {
    if (!isDiskFull(error) || !spendReserve(disk)) throw error;
    return new Catalog(directory, file);
  }
}

/**
 * Makes the catalog's file, as SQLite would make it readable for everyone, and its log after it. One that
 * exists is not opened: closing it again would end the locks that this process has on it through another
 * handle (fcntl(2)).
 */
function makeCatalogFile(file: string): void {
  try {
    makeOwnFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Closes an engine. Idempotent. */
export function closeEngine({ chunks, catalog }: Pick<Engine, "chunks" | "catalog">): void {
  chunks.close();
  catalog.close();
  forgetOpenStore(catalog);
}

/**
 * Makes a store's directory, or checks it.
 *
 * @returns it with symbolic links resolved, and relative to it the directories above that got new names
 */
function prepareDirectory(path: string, create: boolean): { path: string; above: string[] } {
  try {
    const above: string[] = [];
    if (!existsSync(path) && create) {
      const first = makeOwnDirectory(path) ?? path;
      for (let each = path, up = ".."; each !== dirname(first); each = dirname(each), up += "/..")
        above.push(up);
    }
    requireOwner(path);
    const isStore = existsSync(join(path, CATALOG_FILE));
    if (!isStore && existsSync(path) && readdirSync(path).includes("packs")) {
      throw new CoppiceError(
        "NOT_A_STORE",
        `Cannot open store ${path}: its catalog is gone, run coppice repair`,
        { path },
      );
    }
    if (!isStore && !create) {
      throw new CoppiceError(
        "NOT_A_STORE",
        `Cannot open store ${path}: there is none, make one with "coppice init"`,
        { path },
      );
    }
    if (!isStore && readdirSync(path).length > 0) {
      throw new CoppiceError(
        "NOT_A_STORE",
        `Cannot make store ${path}: the directory has other content, give an empty one`,
        { path },
      );
    }
    return { path: realpathSync(path), above };
  } catch (error) {
    throw explainSystemError(error, `open store ${path}`);
  }
}

/** Before anything is looked for in it: what lies in another user's store cannot be seen. */
export function requireOwner(path: string): void {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  const user = process.geteuid?.();
  if (owner === undefined || user === undefined || owner === user) return;
  throw new CoppiceError(
    "NOT_OWNER",
    `Cannot open store ${path}: it belongs to user ${owner}, this process runs as ${user}; run as that user`,
    { path },
  );
}
