/**
 * Take from packs: what nobody needed and is needed again may still lie in a pack.
 */
import type { DigestSet } from "../../hash/digest-set.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { PACK_HEADER_BYTES } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import type { CheckWorkers } from "../check/check-workers.js";
import { lengthAt, offsetAt, sortRows } from "../check/sort-rows.js";
import { findRecords } from "./find-unlisted.js";
import { syncPacks } from "./sync-packs.js";

/**
 * Has the catalog list chunks that packs hold below their committed lengths, and returns how many it found. Reads the packs for
 * their index records.
 */
export async function takeFromPacks(
  { catalog, disk }: Pick<Engine, "catalog" | "disk">,
  workers: CheckWorkers,
  wanted: DigestSet,
  check: () => void,
): Promise<number> {
  let taken = 0;
  for (const { name, lengthBytes, isOwned } of catalog.losses.packs()) {
    check();
    if (isOwned || lengthBytes === 0) continue;
    workers.expect(lengthBytes);
    const { records } = await findRecords(workers, name, PACK_HEADER_BYTES, lengthBytes);
    const rows = sortRows(
      pick(Buffer.concat(records.map((record) => record.rows)), (all, at) => {
        const end = offsetAt(all, at) + lengthAt(all, at);
        return wanted.has(all, at) && end <= lengthBytes;
      }),
    );
    if (rows.length === 0) continue;
    const part = new Uint8Array(rows);
    const bad = await workers.run({ type: "chunks", name, rows: part, deep: true });
    const badAt = new Set(bad.map(({ index }) => index * CHUNK_ROW_BYTES));
    const good = pick(rows, (_, at) => !badAt.has(at));
    const id = good.length === 0 ? undefined : catalog.repairs.own(name);
    if (id === undefined) continue;
    syncPacks(disk, [{ name }]);
    catalog.repairs.apply({ packs: [{ id, lengthBytes, rows: good }], wrong: [], snapshots: [] });
    taken += good.length / CHUNK_ROW_BYTES;
  }
  return taken;
}

function pick(rows: Buffer, isWanted: (rows: Buffer, at: number) => boolean): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES)
    if (isWanted(rows, at)) kept.push(rows.subarray(at, at + CHUNK_ROW_BYTES));
  return Buffer.concat(kept);
}
