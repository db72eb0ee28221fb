/**
 * Cache checkout: the stat cache of a directory that was just checked out, so that the first capture of it reads
 * only what was changed since.
 */
import type { DirectoryEntry } from "../../model/entry.js";
import { cachePlace } from "../../scan/cache-place.js";
import { BlockDraft, ENTRY_FLAGS } from "../../scan/directory-block.js";
import { FileStatus } from "../../scan/file-status.js";
import { joinNames } from "../../scan/name-list.js";
import type { ScannedDirectory } from "../../scan/scanned-directory.js";
import { joinPath, nameFromBytes, SourceDirectory } from "../../scan/source-directory.js";
import { saveStatCache } from "../../scan/stat-cache.js";
import { StatusReader } from "../../scan/status-reader.js";
import type { Engine } from "../../snapshot/engine.js";
import type { SystemPath } from "../../system/system-path.js";
import { decodeEntry, recordName } from "../../tree/entry-codec.js";
import type { Root } from "../../tree/root.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { treeRecords } from "../../tree/tree-reader.js";

/**
 * Writes the stat cache of a directory that holds a tree and that no program works in yet. Costs a look at each name.
 */
export function cacheCheckout(engine: Engine, directory: string, tree: Root): void {
  const { disk, catalog, objects } = engine;
  const status = new StatusReader();
  const directories: ScannedDirectory[] = [];
  // No recursion: a path of 4,096 bytes may have 2,000 names.
  const pending: Pending[] = [{ path: "", entry: tree.entry, parent: undefined, index: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { scanned, below } = lookAt(objects, status, directory, next, directories.length);
    directories.push(scanned);
    next.parent?.children.push(scanned);
    pending.push(...below);
  }
  // What was written in the last moments is distrusted: a program may write in the same tick of the clock.
  saveStatCache(disk, cachePlace(directory, catalog.storeId), directories, Date.now());
}

interface Pending {
  readonly path: SystemPath;
  readonly entry: DirectoryEntry;
  readonly parent: ScannedDirectory | undefined;
  /** Its place among the parent's entries. */
  readonly index: number;
}

function lookAt(
  objects: ObjectSource,
  reader: StatusReader,
  root: string,
  { path, entry, parent, index }: Pending,
  id: number,
): { readonly scanned: ScannedDirectory; readonly below: Pending[] } {
  const records = [...treeRecords(objects, entry.tree)];
  const names = records.map((record) => nameFromBytes(recordName(record)));
  const directory = SourceDirectory.at(joinPath(root, path));
  try {
    const draft = new BlockDraft();
    const kept: SystemPath[] = [];
    const below: Omit<Pending, "parent">[] = [];
    for (const [position, found] of reader.statuses(directory, names).entries()) {
      const record = records[position] as Buffer;
      const name = names[position] as SystemPath;
      if (!(found instanceof FileStatus)) continue;
      if (found.isDirectory) {
        const child = decodeEntry(record) as DirectoryEntry;
        below.push({ path: joinPath(path, name), entry: child, index: kept.length });
      }
      draft.add(record, flagsOf(found), found.lanes, 0, 0);
      kept.push(name);
    }
    const block = draft.finish(joinNames(kept), kept.length === names.length);
    block.lanes.set(reader.ofDescriptor(directory.descriptor).lanes, block.ownLanes);
    block.setSummary(entry);
    const scanned: ScannedDirectory = {
      id,
      path,
      parent,
      entry: index,
      block,
      isShared: false,
      isGone: false,
      pending: 0,
      children: [],
    };
    return { scanned, below: below.map((each) => ({ ...each, parent: scanned })) };
  } finally {
    directory.close();
  }
}

function flagsOf(status: FileStatus): number {
  if (status.isDirectory) return ENTRY_FLAGS.directory;
  return status.nlink > 1 ? ENTRY_FLAGS.linked : 0;
}
