/**
 * Aliased disk: a disk as it would be if some files had other names, or began with other bytes. To look at what a change would come to
 * without making it.
 */
import type { Disk, DiskFile } from "./disk.js";

/** What is to be seen under a path. */
export interface Alias {
  readonly path: string;
  /** The file that is there in truth; `undefined` where there is to be none. */
  readonly from: string | undefined;
  /** What it is to begin with, where that is something else. */
  readonly header?: Uint8Array;
}

/** Returns the disk to be looked at; what is changed through it is changed under the names that are seen. */
export function aliasedDisk(disk: Disk, aliases: readonly Alias[]): Disk {
  if (aliases.length === 0) return disk;
  const known = new Map(aliases.map((alias) => [alias.path, alias]));
  const placeOf = (path: string) => (known.has(path) ? known.get(path)?.from : path);
  return {
    bootId: disk.bootId,
    open(path, mode) {
      const place = placeOf(path);
      if (place === undefined) throw missing(path);
      const header = known.get(path)?.header;
      const file = disk.open(place, mode);
      return header === undefined ? file : withHeader(file, header);
    },
    stampOf(path) {
      const place = placeOf(path);
      return place === undefined ? undefined : disk.stampOf(place);
    },
    readFile(path) {
      const place = placeOf(path);
      return place === undefined ? undefined : disk.readFile(place);
    },
    list: (path) => disk.list(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    replace: (path, pieces) => disk.replace(path, pieces),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    makeDirectory: (path) => disk.makeDirectory(path),
  };
}

function withHeader(file: DiskFile, header: Uint8Array): DiskFile {
  return {
    ...file,
    read(into, position) {
      const length = file.read(into, position);
      if (position < header.length) into.set(header.subarray(position, position + length));
      return length;
    },
  };
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), {
    code: "ENOENT",
    syscall: "open",
    path,
  });
}
