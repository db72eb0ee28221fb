/**
 * Store stats: what a store holds and what it costs.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { CHUNK_KINDS, kindName } from "../pack/chunk-location.js";
import type { Engine } from "./engine.js";

/**
 * What chunks are for: file content (`data`), chunk lists, directory trees, roots and snapshot records.
 *
 * @useDeclaredType
 */
export type StoredKind = keyof typeof CHUNK_KINDS;

/** Counts and bytes of a store. */
export interface StoreStats {
  /** Snapshots that are registered. */
  readonly snapshots: number;
  /** Sum of the sizes of all snapshots' files, as if each were a copy. */
  readonly logicalBytes: number;
  /** Bytes of file content that are stored, each once. */
  readonly uniqueBytes: number;
  /** Bytes of all chunks: file content, chunk lists, trees, roots, records. */
  readonly storedBytes: number;
  /** Bytes that the store's files take on disk: packs, catalog, caches. */
  readonly diskBytes: number;
  /** Pack files in the catalog. */
  readonly packs: number;
  /** Chunks of all kinds, each counted once however many snapshots share it. */
  readonly chunks: number;
  /** What `chunks` and `storedBytes` are made of; every kind is there, be it with zeros. */
  readonly byKind: Readonly<
    Record<
      StoredKind,
      {
        /** Chunks of this kind. */
        readonly count: number;
        /** Sum of their lengths, without padding and index records. */
        readonly bytes: number;
      }
    >
  >;
}

/** Returns what a store holds. Reads the chunk index whole: about 0.5 s for a million chunks. */
export function storeStats({
  catalog,
  disk,
  directory,
}: Pick<Engine, "catalog" | "disk" | "directory">): StoreStats {
  const byKind = Object.fromEntries(
    Object.keys(CHUNK_KINDS).map((kind) => [kind, { count: 0, bytes: 0 }]),
  ) as Record<StoredKind, { count: number; bytes: number }>;
  for (const { kind, count, bytes } of catalog.chunks.sums()) {
    const name = kindName(kind);
    if (name !== undefined) byKind[name] = { count, bytes };
  }
  const sums = Object.values(byKind);
  let snapshots = 0;
  let logicalBytes = 0;
  for (const row of catalog.snapshots.all()) {
    snapshots++;
    logicalBytes += row.totalBytes;
  }
  const files = ["", "packs", "cache"].flatMap((folder) =>
    disk.list(folder).map((name) => join(directory, folder, name)),
  );
  return {
    snapshots,
    logicalBytes,
    uniqueBytes: byKind.data.bytes,
    storedBytes: sums.reduce((sum, each) => sum + each.bytes, 0),
    diskBytes: files.reduce((sum, file) => sum + allocatedBytes(file), 0),
    packs: catalog.packs().length,
    chunks: sums.reduce((sum, each) => sum + each.count, 0),
    byKind,
  };
}

/** A file may go while the store is in use: it counts nothing then. */
function allocatedBytes(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.blocks * 512 : 0;
}
