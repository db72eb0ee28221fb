/**
 * Inspect packs: which of them are damaged, as far as that is seen without reading them.
 *
 * A damaged pack (shorter than committed, gone, another one under its name, or with a damaged header) is not
 * appended to any more, and what lies in its damaged part does not count as known: a capture that meets such
 * a chunk writes it again, into another pack. The file is left as it is. Once it is whole again, put back
 * from a copy, it counts as any other.
 */
import type { PackState } from "../catalog/loss-table.js";
import { CoppiceError } from "../model/error.js";
import { openPack } from "../pack/open-pack.js";
import type { Engine } from "./engine.js";
import { forgetScans } from "./recover.js";

/** The packs that must not be relied on as a whole. */
export interface DamagedPacks {
  /** By the pack's number: how many of its first bytes can be relied on. */
  readonly readableBytes: ReadonlyMap<number, number>;
  /** What is wrong, for people. */
  readonly remarks: readonly string[];
}

/**
 * Looks at the length and the header of each pack, and notes in the catalog what is damaged. Costs four
 * system calls a pack.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export function inspectPacks({ catalog, disk }: Pick<Engine, "catalog" | "disk">): DamagedPacks {
  const { storeId } = catalog;
  const readableBytes = new Map<number, number>();
  const remarks: string[] = [];
  const changed: { readonly id: number; readonly readableBytes: number | undefined }[] = [];
  for (const pack of catalog.losses.packs()) {
    const found = lookAt(disk, storeId, pack);
    if (found !== undefined) {
      readableBytes.set(pack.id, found.readableBytes);
      remarks.push(
        `pack ${pack.name} is damaged: ${found.problem}; nothing is appended to it, and what it lacks is stored again where it is met; put it back from a copy of the store`,
      );
    }
    if (found?.readableBytes !== pack.readableBytes)
      changed.push({ id: pack.id, readableBytes: found?.readableBytes });
  }
  if (changed.length > 0) {
    forgetScans(disk);
    catalog.losses.noteReadable(changed);
  }
  return { readableBytes, remarks };
}

function lookAt(
  disk: Engine["disk"],
  storeId: string,
  { name, lengthBytes, syncedBytes }: PackState,
): { readonly readableBytes: number; readonly problem: string } | undefined {
  if (lengthBytes === 0) return undefined;
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
