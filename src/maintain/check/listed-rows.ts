/**
 * Listed rows: all rows of chunks that the catalog has, also for who may not write to it.
 */
import { LOCATED_PACK_AT, LOCATED_ROW_BYTES } from "../../catalog/chunk-locator.js";
import { DigestSet } from "../../hash/digest-set.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import type { Engine } from "../../snapshot/engine.js";
import { lengthAt } from "./sort-rows.js";

/**
 * Visits the rows (see chunk-locator) one by one, each chunk once; yields now and then. Those of small commits come first: what joins the
 * others meanwhile is not missed.
 */
export function* visitListed(
  { catalog }: Pick<Engine, "catalog">,
  visit: (rows: Buffer, at: number) => void,
): Generator<void, void> {
  const recent = catalog.chunks.recentRows();
  const seen = new DigestSet();
  for (let at = 0; at < recent.length; at += LOCATED_ROW_BYTES)
    if (seen.add(recent, at)) visit(recent, at);
  yield;
  for (const rows of catalog.chunks.rowParts()) {
    for (let at = 0; at < rows.length; at += LOCATED_ROW_BYTES)
      if (seen.size === 0 || !seen.has(rows, at)) visit(rows, at);
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
  yield* visitListed(engine, (rows, at) => {
    const pack = rows.readUInt32BE(at + LOCATED_PACK_AT);
    let use = uses.get(pack);
    if (use === undefined) uses.set(pack, (use = { chunks: 0, bytes: 0 }));
    use.chunks++;
    use.bytes += lengthAt(rows, at);
  });
  return uses;
}

/** A pack's rows, as they are gathered. */
interface RowsDraft {
  rows: Buffer;
  used: number;
}

/** Adds a row to those of its pack, where these are gathered. */
export function gatherRow(drafts: ReadonlyMap<number, RowsDraft>, rows: Buffer, at: number): void {
  const draft = drafts.get(rows.readUInt32BE(at + LOCATED_PACK_AT));
  if (draft === undefined) return;
  if (draft.used === draft.rows.length)
    draft.rows = Buffer.concat([draft.rows], 2 * draft.rows.length + CHUNK_ROW_BYTES);
  rows.copy(draft.rows, draft.used, at, at + CHUNK_ROW_BYTES);
  draft.used += CHUNK_ROW_BYTES;
}
