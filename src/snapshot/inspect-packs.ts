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
import { isUnreadable } from "../model/system-failure.js";
import { hasRecordBehind, recordFollows } from "../pack/find-index-record.js";
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
  readonly holdsMore: boolean;
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
    const { damage, holdsMore } = lookAgain(disk, storeId, pack, whole);
    if (holdsMore) {
      const identity = { storeId, name: pack.name };
      const look = () => hasRecordBehind(disk, identity, pack.lengthBytes);
      if (!pack.isSealed) catalog.losses.seal(pack, look);
      remarks.push(
        `pack ${pack.name} holds more than the catalog lists, since a process died before its commit or the catalog is an older one: nothing is appended to it until that is taken in, run coppice repair`,
      );
    }
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

/** What a look at a pack finds. */
interface Look {
  readonly damage?: Damage;
  /** Whether an index record lies behind what was committed, and nobody is writing there. */
  readonly holdsMore: boolean;
}

/** As `lookAt`, where it was not looked at in the state in which it is. */
function lookAgain(
  disk: Engine["disk"],
  storeId: string,
  pack: PackState,
  whole: Map<number, WholePack>,
): Look {
  const { id, name, lengthBytes, isOwned } = pack;
  if (lengthBytes === 0 && isOwned) return { holdsMore: false };
  const stamp = stampOf(disk, packPath(name));
  const before = whole.get(id);
  if (before !== undefined && before.stamp === stamp?.state && before.lengthBytes === lengthBytes)
    return { holdsMore: before.holdsMore };
  whole.delete(id);
  const lookedMs = Date.now();
  const look = lookAt(disk, storeId, pack);
  const isSettled = stamp !== undefined && stamp.changedMs + MOMENT_MS < lookedMs && !isOwned;
  if (look.damage === undefined && isSettled)
    whole.set(id, { lengthBytes, stamp: stamp.state, holdsMore: look.holdsMore });
  return look;
}

function lookAt(
  disk: Engine["disk"],
  storeId: string,
  { name, lengthBytes, syncedBytes, isOwned }: PackState,
): Look {
  // One that nothing was committed of is begun anew, unless a catalog of yesterday says so.
  if (lengthBytes === 0) return { holdsMore: hasRecordBehind(disk, { storeId, name }, 0) };
  try {
    const file = openPack(disk, { storeId, name }, "read");
    try {
      const size = file.size();
      if (size >= lengthBytes)
        return { holdsMore: !isOwned && recordFollows(file, name, lengthBytes) };
      // Of what was never synced nothing is relied on: nobody syncs a damaged pack.
      const damage = {
        readableBytes: Math.min(size, syncedBytes),
        problem: `it has ${size} bytes where ${lengthBytes} were committed`,
      };
      return { damage, holdsMore: false };
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof CoppiceError && error.code === "CORRUPT") && !isUnreadable(error))
      throw error;
    const problem = (error as Error).message;
    return { damage: { readableBytes: 0, problem }, holdsMore: false };
  }
}

function stampOf(disk: Engine["disk"], path: string): FileStamp | undefined {
  try {
    return disk.stampOf(path);
  } catch {
    return undefined; // Who opens it is told what is wrong.
  }
}
