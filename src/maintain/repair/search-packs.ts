/**
 * Search packs: looks behind what was committed, and through the packs that the catalog does not list.
 */
import type { Disk } from "../../disk/disk.js";
import { packPath } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import { SomeAtOnce } from "../../threads/some-at-once.js";
import type { CheckWorkers } from "../check/check-workers.js";
import { findUnlisted, type UnlistedChunks, type UnlistedPart } from "./find-unlisted.js";

/** What was found. */
export interface SearchedPacks {
  readonly unlisted: UnlistedChunks[];
  /** The names of packs that could not be read to their ends. */
  readonly unreadable: string[];
  /** The names of packs that are there, and of which nothing is known: neither the catalog nor an index record tells. */
  readonly unknown: string[];
}

/** Packs that are looked through beside one another, so that the threads have enough to do at the end of each. */
const PACKS_AT_ONCE = 8;

/**
 * Searches packs for chunks that the catalog does not list.
 *
 * @param names of packs that are there
 * @param onChecked called after each part; what it throws ends the work
 */
export async function searchPacks(
  { catalog, disk }: Pick<Engine, "catalog" | "disk">,
  workers: CheckWorkers,
  names: readonly string[],
  onChecked: (bytes: number) => void,
): Promise<SearchedPacks> {
  const packs = new Map(catalog.losses.packs().map((pack) => [pack.name, pack]));
  const found: SearchedPacks = { unlisted: [], unreadable: [], unknown: [] };
  const parts = names
    .filter((name) => packs.get(name)?.isOwned !== true)
    .map((name) => {
      const fromBytes = packs.get(name)?.lengthBytes ?? 0;
      return { name, fromBytes, toBytes: sizeOf(disk, packPath(name)) };
    });
  for (const { fromBytes, toBytes } of parts) workers.expect(Math.max(0, toBytes - fromBytes));
  const look = async (part: UnlistedPart): Promise<void> => {
    const unlisted = await findUnlisted(workers, part, onChecked);
    if (!unlisted.isReadable) found.unreadable.push(part.name);
    if (unlisted.lengthBytes > part.fromBytes) found.unlisted.push(unlisted);
    else if (unlisted.isReadable && !packs.has(part.name) && part.toBytes > 0)
      found.unknown.push(part.name);
    onChecked(0);
  };
  const jobs = new SomeAtOnce();
  for (const part of parts) await jobs.start(PACKS_AT_ONCE, () => look(part));
  await jobs.end();
  return found;
}

/** Returns how long a file is; 0 where there is none. */
function sizeOf(disk: Disk, path: string): number {
  if (disk.stampOf(path) === undefined) return 0;
  const file = disk.open(path, "read");
  try {
    return file.size();
  } finally {
    file.close();
  }
}
