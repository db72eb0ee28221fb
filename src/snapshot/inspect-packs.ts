/**
 * Inspect packs: which of them are damaged, as far as that is seen without reading them.
 *
 * A damaged pack (shorter than committed, gone, another one under its name, or with a damaged header) is not
 * appended to any more, and what lies in its damaged part does not count as known: a capture that meets such
 * a chunk writes it again, into another pack. The file is left as it is. Once it is whole again, put back
 * from a copy, it counts as any other.
 */
import type { PackState } from "../catalog/loss-table.js";
import type { FileStamp } from "../disk/disk.js";
import { CoppiceError } from "../model/error.js";
import { openPack } from "../pack/open-pack.js";
import { packPath } from "../pack/pack-codec.js";
import type { Engine } from "./engine.js";
import { forgetScans } from "./recover.js";

/** The packs that must not be relied on as a whole. */
export interface DamagedPacks {
  /** By the pack's number: how many of its first bytes can be relied on. */
  readonly readableBytes: ReadonlyMap<number, number>;
  /** What is wrong, for people. */
  readonly remarks: readonly string[];
  /** The numbers of all packs, whole ones too. */
  readonly packs: ReadonlySet<number>;
}

/** A pack that was found to be whole. */
interface WholePack {
  readonly lengthBytes: number;
  readonly stamp: string;
}

/** What was found of the packs of each store that is open, by their numbers. */
const found = new WeakMap<Engine["catalog"], Map<number, WholePack>>();

/** A file may change again and keep its stamp for as long as its file system counts as one moment: 2 s with FAT, 10 ms with most. */
const MOMENT_MS = 2_000;

/**
 * Looks at the length and the header of each pack, and notes in the catalog what is damaged. Costs a
 * system call a pack; four for those that something has touched since they were looked at last.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export function inspectPacks({ catalog, disk }: Pick<Engine, "catalog" | "disk">): DamagedPacks {
  const { storeId } = catalog;
  let whole = found.get(catalog);
  if (whole === undefined) found.set(catalog, (whole = new Map()));
  const readableBytes = new Map<number, number>();
  const remarks: string[] = [];
  const changed: { readonly id: number; readonly readableBytes: number | undefined }[] = [];
  const packs = catalog.losses.packs();
  for (const pack of packs) {
    const damage = lookAgain(disk, storeId, pack, whole);
    if (damage !== undefined) {
      readableBytes.set(pack.id, damage.readableBytes);
      remarks.push(
        `pack ${pack.name} is damaged: ${damage.problem}; nothing is appended to it, and what it lacks is stored again where it is met; put it back from a copy of the store`,
      );
    }
    if (damage?.readableBytes !== pack.readableBytes)
      changed.push({ id: pack.id, readableBytes: damage?.readableBytes });
  }
  if (changed.length > 0) {
    forgetScans(disk);
    catalog.losses.noteReadable(changed);
  }
  return { readableBytes, remarks, packs: new Set(packs.map(({ id }) => id)) };
}

/** What is wrong with a pack. */
interface Damage {
  readonly readableBytes: number;
  readonly problem: string;
}

/** As `lookAt`, where it was not looked at in the state in which it is. */
function lookAgain(
  disk: Engine["disk"],
  storeId: string,
  pack: PackState,
  whole: Map<number, WholePack>,
): Damage | undefined {
  const { id, name, lengthBytes } = pack;
  if (lengthBytes === 0) return undefined;
  const stamp = stampOf(disk, packPath(name));
  const before = whole.get(id);
  if (before !== undefined && before.stamp === stamp?.state && before.lengthBytes === lengthBytes)
    return undefined;
  whole.delete(id);
  const lookedMs = Date.now();
  const damage = lookAt(disk, storeId, pack);
  if (damage === undefined && stamp !== undefined && stamp.changedMs + MOMENT_MS < lookedMs)
    whole.set(id, { lengthBytes, stamp: stamp.state });
  return damage;
}

function lookAt(
  disk: Engine["disk"],
  storeId: string,
  { name, lengthBytes, syncedBytes }: PackState,
): Damage | undefined {
  try {
    const file = openPack(disk, { storeId, name }, "read");
    try {
      const size = file.size();
      if (size >= lengthBytes) return undefined;
      // Of what was never synced nothing is relied on: nobody syncs a damaged pack.
      return {
        readableBytes: Math.min(size, syncedBytes),
        problem: `it has ${size} bytes where ${lengthBytes} were committed`,
      };
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
    return { readableBytes: 0, problem: error.message };
  }
}

function stampOf(disk: Engine["disk"], path: string): FileStamp | undefined {
  try {
    return disk.stampOf(path);
  } catch {
    return undefined; // Who opens it is told what is wrong.
  }
}
