/**
 * Search packs: looks behind what was committed, and through the packs that the catalog does not list.
 */
import type { Disk } from "../../disk/disk.js";
import { packPath } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import { SomeAtOnce } from "../../threads/some-at-once.js";
import type { CheckWorkers } from "../check/check-workers.js";
import {
  checkTold,
  findTold,
  type ToldChunks,
  type UnlistedChunks,
  unlistedOf,
} from "./find-unlisted.js";

/** What was found. */
export interface SearchedPacks {
  readonly unlisted: readonly UnlistedChunks[];
  /** The names of packs that could not be read to their ends. */
  readonly unreadable: readonly string[];
  /** The names of packs that are there, and of which nothing is known: neither the catalog nor an index record tells. */
  readonly unknown: readonly string[];
  /** Whether all chunks are what the index records say. */
  readonly isAsTold: boolean;
}

/** Told of how far it is. */
export interface SearchWatcher {
  /** Called after each part; what it throws ends the work. */
  onChecked(bytes: number): void;
  /** Works with what index records tell while the chunks are looked at: as if all of them were good. */
  readonly whileChecked?: ((told: readonly UnlistedChunks[]) => Promise<void>) | undefined;
}

/**
 * Searches packs for chunks that the catalog does not list.
 *
 * @param names of packs that are there
 */
export async function searchPacks(
  { catalog, disk }: Pick<Engine, "catalog" | "disk">,
  workers: CheckWorkers,
  names: readonly string[],
  { onChecked, whileChecked }: SearchWatcher,
): Promise<SearchedPacks> {
  const packs = new Map(catalog.losses.packs().map((pack) => [pack.name, pack]));
  const parts = names
    .filter((name) => packs.get(name)?.isOwned !== true)
    .map((name) => {
      const fromBytes = packs.get(name)?.lengthBytes ?? 0;
      return { name, fromBytes, toBytes: sizeOf(disk, packPath(name)) };
    });
  const told = parts.map((part) => findTold(workers, part));
  const allTold = Promise.all(told);
  const checking = checkInOrder(workers, told, onChecked);
  const meanwhile = allTold.then((each) => whileChecked?.(added(each.map(asTold))));
  // All of it has ended, before an error is told.
  await Promise.allSettled([checking, meanwhile]);
  const bad = await checking;
  await meanwhile;
  const searched = (await allTold).map((each, index) => unlistedOf(each, bad[index]!));
  return {
    unlisted: added(searched),
    unreadable: searched.filter(({ isReadable }) => !isReadable).map(({ name }) => name),
    unknown: parts
      .filter(({ name, fromBytes, toBytes }, index) => {
        const { isReadable, lengthBytes } = searched[index]!;
        return lengthBytes <= fromBytes && isReadable && !packs.has(name) && toBytes > 0;
      })
      .map(({ name }) => name),
    isAsTold: bad.every(({ size }) => size === 0),
  };

  /** Returns those of which more counts than was committed. */
  function added(unlisted: readonly UnlistedChunks[]): UnlistedChunks[] {
    return unlisted.filter(({ lengthBytes }, index) => lengthBytes > parts[index]!.fromBytes);
  }
}

/** Looks at the chunks of one pack after the other, each as soon as it is known what it should hold. */
async function checkInOrder(
  workers: CheckWorkers,
  told: readonly Promise<ToldChunks>[],
  onChecked: (bytes: number) => void,
): Promise<readonly ReadonlySet<number>[]> {
  const jobs = new SomeAtOnce();
  const bad = told.map(() => new Set<number>());
  try {
    for (const [index, each] of told.entries()) {
      const onBad = (row: number) => void bad[index]!.add(row);
      await checkTold(workers, await each, jobs, { onChecked, onBad });
      onChecked(0);
    }
  } finally {
    await jobs.settle();
  }
  await jobs.end();
  return bad;
}

function asTold(told: ToldChunks): UnlistedChunks {
  return unlistedOf(told, NONE);
}

const NONE: ReadonlySet<number> = new Set();

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
