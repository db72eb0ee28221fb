/**
 * Sort pack files: has each pack lie under its own name, and puts aside what is none of this store's.
 */
import type { Alias } from "../../disk/aliased-disk.js";
import type { Disk } from "../../disk/disk.js";
import { explainSystemError } from "../../model/system-failure.js";
import { searchRecords } from "../../pack/find-index-record.js";
import {
  encodePackHeader,
  PACK_HEADER_BYTES,
  type PackIdentity,
  packNameOf,
  packPath,
  readPackHeader,
} from "../../pack/pack-codec.js";
import type { Quarantine } from "./quarantine.js";

/** A file in the folder of packs. */
interface PackFile {
  readonly path: string;
  /** Where it lay before it was moved aside. */
  readonly foundAt: string;
  /** What its name says. */
  readonly name: string | undefined;
  /** What its header says. */
  readonly identity: PackIdentity | undefined;
  readonly sizeBytes: number;
}

/** What is known of packs beside their files. */
export interface KnownPacks {
  readonly storeId: string;
  /** Whether the catalog lists chunks in a pack. */
  isUsed(name: string): boolean;
  /** Whether a session writes to it. */
  isOwned(name: string): boolean;
}

/** Returns the id that most packs of a store have, `undefined` where no header can be read. */
export function storeIdOfPacks(disk: Disk): string | undefined {
  const counts = new Map<string, number>();
  for (const { identity } of packFiles(disk))
    if (identity !== undefined)
      counts.set(identity.storeId, (counts.get(identity.storeId) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** What came of sorting. */
export interface SortedPackFiles {
  /** The names of the packs that are there now, or would be. */
  readonly names: string[];
  /** Of a dry run: how the packs would be there. */
  readonly aliases: readonly Alias[];
  /** What people should know. */
  readonly remarks: string[];
}

/**
 * Puts the files of packs in order. Where it ends in the middle it can be done again: a file is known by its header, whatever it
 * is called.
 */
export function sortPackFiles(
  disk: Disk,
  known: KnownPacks,
  quarantine: Quarantine,
  isDryRun: boolean,
): SortedPackFiles {
  const remarks: string[] = [];
  const aliases: Alias[] = [];
  const names = new Set<string>();
  const strays: PackFile[] = [];
  for (const file of packFiles(disk)) {
    const { name, identity, path } = file;
    if (name !== undefined && known.isOwned(name)) continue;
    if (identity === undefined) {
      if (name !== undefined && isOfPack(disk, file, known)) {
        const header = restoreHeader(disk, { storeId: known.storeId, name }, quarantine, isDryRun);
        aliases.push({ path, from: path, header });
        remarks.push(`${path} had a damaged header, which was written anew`);
        names.add(name);
      } else if (file.sizeBytes > 0) {
        remarks.push(`${path} is no pack of this store`);
        aliases.push({ path, from: undefined });
        quarantine.take(path);
      }
    } else if (identity.storeId !== known.storeId) {
      remarks.push(`${path} is a pack of another store`);
      aliases.push({ path, from: undefined });
      quarantine.take(path);
    } else if (identity.name === name) names.add(name);
    else {
      // Unless another one gets that name.
      aliases.push({ path, from: undefined });
      strays.push(file);
    }
  }
  for (const file of moveAside(disk, strays, isDryRun)) {
    const name = file.identity!.name;
    if (names.has(name)) {
      remarks.push(`${file.foundAt} is a copy of pack ${name}`);
      quarantine.take(file.path);
      continue;
    }
    remarks.push(`pack ${name} lay under the name of ${file.foundAt}`);
    if (isDryRun) aliases.push({ path: packPath(name), from: file.path });
    else disk.rename(file.path, packPath(name));
    names.add(name);
  }
  if (!isDryRun) disk.syncDirectory("packs");
  return { names: [...names], aliases: isDryRun ? aliases : [], remarks };
}

function packFiles(disk: Disk): PackFile[] {
  return disk.list("packs").map((each) => {
    const path = `packs/${each}`;
    const name = packNameOf(each);
    try {
      const file = disk.open(path, "read");
      try {
        const header = Buffer.alloc(PACK_HEADER_BYTES);
        const identity = readPackHeader(header.subarray(0, file.read(header, 0)));
        return { path, foundAt: path, name, identity, sizeBytes: file.size() };
      } finally {
        file.close();
      }
    } catch (error) {
      // Whose it is, is not known: it is neither left out nor put aside.
      throw explainSystemError(error, `read ${path}, copy it to a sound disk and repair again`);
    }
  });
}

/** Two packs may have each other's names: all of them go out of the way first, the longest file of a name before its copies. */
function moveAside(disk: Disk, strays: readonly PackFile[], isDryRun: boolean): PackFile[] {
  const aside = strays.map((file) => {
    if (isDryRun || file.name === undefined) return file;
    const path = `packs/${file.name}.stray`;
    disk.rename(file.path, path);
    return { ...file, path };
  });
  // Before one of them gets a name that another one had: a power cut could else leave only that rename.
  if (!isDryRun && aside.length > 0) disk.syncDirectory("packs");
  return aside.sort((a, b) => b.sizeBytes - a.sizeBytes);
}

/** Whether a file without a header is the pack that its name says: it lists chunks as that one, or the catalog has some in it. */
function isOfPack(disk: Disk, { path, name, sizeBytes }: PackFile, known: KnownPacks): boolean {
  if (name === undefined || sizeBytes <= PACK_HEADER_BYTES) return false;
  if (known.isUsed(name)) return true;
  const file = disk.open(path, "read");
  try {
    return (
      searchRecords(file, name, { fromBytes: PACK_HEADER_BYTES, toBytes: sizeBytes }).next()
        .done !== true
    );
  } finally {
    file.close();
  }
}

function restoreHeader(
  disk: Disk,
  identity: PackIdentity,
  quarantine: Quarantine,
  isDryRun: boolean,
): Buffer {
  const path = packPath(identity.name);
  const header = encodePackHeader(identity, Date.now());
  const file = disk.open(path, isDryRun ? "read" : "write");
  try {
    const before = Buffer.alloc(PACK_HEADER_BYTES);
    quarantine.keep(`${path}.header`, before.subarray(0, file.read(before, 0)));
    if (isDryRun) return header;
    file.write(header, 0);
    file.sync();
    return header;
  } finally {
    file.close();
  }
}
