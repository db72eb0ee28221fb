/**
 * Listed rows: all rows of chunks that the catalog has, also for who may not write to it.
 */
import { LOCATED_PACK_AT, LOCATED_ROW_BYTES } from "../../catalog/chunk-locator.js";
import { DigestSet } from "../../hash/digest-set.js";
import type { Engine } from "../../snapshot/engine.js";
import { lengthAt } from "./sort-rows.js";

/**
 * Yields the rows (see chunk-locator) in parts, each chunk once. Those of small commits come first: what joins the others meanwhile is
 * not missed.
 */
export function* listedParts({ catalog }: Pick<Engine, "catalog">): Generator<Buffer, void> {
  const seen = new DigestSet();
  yield rowsThat(catalog.chunks.recentRows(), (rows, at) => seen.add(rows, at));
  for (const part of catalog.chunks.rowParts())
    yield seen.size === 0 ? part : rowsThat(part, (rows, at) => !seen.has(rows, at));
}

/** Returns the rows of which something is so, in their order. */
export function rowsThat(rows: Buffer, isWanted: (rows: Buffer, at: number) => boolean): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < rows.length; at += LOCATED_ROW_BYTES)
    if (isWanted(rows, at)) kept.push(rows.subarray(at, at + LOCATED_ROW_BYTES));
  return kept.length * LOCATED_ROW_BYTES === rows.length ? rows : Buffer.concat(kept);
}

/** Visits the rows (see chunk-locator) one by one, each chunk once; yields now and then. */
export function* visitListed(
  engine: Pick<Engine, "catalog">,
  visit: (rows: Buffer, at: number) => void,
): Generator<void, void> {
  for (const rows of listedParts(engine)) {
    for (let at = 0; at < rows.length; at += LOCATED_ROW_BYTES) visit(rows, at);
    yield;
  }
}

/** How much of a pack is listed. */
export interface PackUse {
  chunks: number;
  bytes: number;
}

/** Returns how much of each pack the catalog lists; none of those of which it lists nothing. */
export function* measureListed(
  engine: Pick<Engine, "catalog">,
): Generator<void, Map<number, PackUse>> {
  const uses = new Map<number, PackUse>();
  yield* visitListed(engine, (rows, at) => addUse(uses, rows, at));
  return uses;
}

/** Counts a row for its pack. */
export function addUse(uses: Map<number, PackUse>, rows: Buffer, at: number): void {
  const pack = rows.readUInt32BE(at + LOCATED_PACK_AT);
  let use = uses.get(pack);
  if (use === undefined) uses.set(pack, (use = { chunks: 0, bytes: 0 }));
  use.chunks++;
  use.bytes += lengthAt(rows, at);
}
