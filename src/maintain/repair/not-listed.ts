/**
 * Not listed: what of a pack's rows is new. A snapshot whose record is listed already, and that is not, was removed.
 */
import type { ChunkIndex } from "../../catalog/chunk-index.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";

/** Returns the rows of chunks that the catalog does not list. */
export function notListed(chunks: Pick<ChunkIndex, "has">, rows: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES)
    if (!chunks.has(rows.subarray(at, at + DIGEST_BYTES)))
      kept.push(rows.subarray(at, at + CHUNK_ROW_BYTES));
  return Buffer.concat(kept);
}
