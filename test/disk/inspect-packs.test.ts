/** A pack that was whole is opened again once something has touched it, and only then. */
import { expect, test } from "vitest";
import type { PackState } from "#dist/catalog/loss-table.js";
import { sha256 } from "#dist/hash/sha256.js";
import { PackWriter } from "#dist/pack/pack-writer.js";
import type { Engine } from "#dist/snapshot/engine.js";
import { inspectPacks } from "#dist/snapshot/inspect-packs.js";
import { MemoryDisk } from "./memory-disk.js";

const storeId = "00112233445566778899aabbccddeeff";
const name = "0123456789abcdef";
const path = `packs/${name}.pack`;

test("a pack is opened again when its stamp, or what was committed of it, is another", () => {
  const { disk, pack, inspect } = setUp();
  expect(inspect()).toEqual({ opened: true, readable: undefined });
  expect(inspect()).toEqual({ opened: false, readable: undefined });
  disk.stamp = { state: "2", changedMs: 0, allocatedBytes: 0 };
  expect(inspect()).toEqual({ opened: true, readable: undefined });
  expect(inspect()).toEqual({ opened: false, readable: undefined });

  const whole = disk.files.get(path)!;
  pack.lengthBytes = whole.length + 1;
  expect(inspect()).toEqual({ opened: true, readable: whole.length });
  pack.lengthBytes = whole.length;
  disk.files.set(path, whole.subarray(0, 70));
  disk.stamp = { state: "3", changedMs: 0, allocatedBytes: 0 };
  // What is damaged is looked at each time.
  for (const _ of [1, 2]) expect(inspect()).toEqual({ opened: true, readable: 70 });
  disk.files.delete(path);
  disk.stamp = undefined;
  expect(inspect()).toEqual({ opened: true, readable: 0 });
  disk.files.set(path, whole);
  disk.stamp = { state: "2", changedMs: 0, allocatedBytes: 0 };
  expect(inspect()).toEqual({ opened: true, readable: undefined });
  expect(inspect()).toEqual({ opened: false, readable: undefined });
});

test("a pack that was changed just now is opened each time: a further change could leave the same stamp", () => {
  const { disk, inspect } = setUp();
  disk.stamp = { state: "1", changedMs: Date.now(), allocatedBytes: 0 };
  for (const _ of [1, 2]) expect(inspect()).toEqual({ opened: true, readable: undefined });
});

test("where the stamp cannot be had, the pack is opened", () => {
  const { disk, inspect } = setUp();
  inspect();
  disk.stampOf = () => {
    throw Object.assign(new Error("EIO"), { code: "EIO" });
  };
  for (const _ of [1, 2]) expect(inspect()).toEqual({ opened: true, readable: undefined });
});

class StampedDisk extends MemoryDisk {
  stamp: ReturnType<MemoryDisk["stampOf"]> = { state: "1", changedMs: 0, allocatedBytes: 0 };

  override stampOf() {
    return this.stamp;
  }
}

/** A store of one pack. */
function setUp() {
  const disk = new StampedDisk();
  const writer = PackWriter.open(disk, { id: 1, name, lengthBytes: 0, syncedBytes: 0 }, storeId);
  writer.append(Buffer.alloc(100), sha256(Buffer.alloc(100)), 0);
  const { lengthBytes } = writer.finish(true);
  const pack = {
    id: 1,
    name,
    lengthBytes,
    syncedBytes: lengthBytes,
    isOwned: false,
    isSealed: false,
  };
  const noted = new Map<number, number | undefined>();
  const losses = {
    packs: (): PackState[] => [{ ...pack, readableBytes: noted.get(1) }],
    noteReadable: (packs: readonly Pick<PackState, "id" | "readableBytes">[]) => {
      for (const { id, readableBytes } of packs) noted.set(id, readableBytes);
    },
  };
  const catalog = { storeId, losses } as unknown as Engine["catalog"];
  const inspect = () => {
    disk.calls.length = 0;
    const readable = inspectPacks({ catalog, disk }).readableBytes.get(1);
    expect(noted.get(1)).toBe(readable);
    return { opened: disk.calls.includes(`read ${path}`), readable };
  };
  return { disk, pack, inspect };
}
