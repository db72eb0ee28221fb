/**
 * Snapshot record codec: what a snapshot is beside its tree, as it lies in a pack, so that the catalog
 * can be made again from the packs alone (see FORMAT.md).
 */
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { parentsOf } from "../catalog/snapshot-table.js";
import { formatDigest, parseDigest } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";

const RECORD_VERSION = 1;

/** Returns the record's bytes: JSON in UTF-8, keys in this order. */
export function encodeSnapshotRecord(row: Omit<SnapshotRow, "record">): Buffer {
  return Buffer.from(
    JSON.stringify({
      coppice: "snapshot",
      version: RECORD_VERSION,
      id: row.id,
      digest: formatDigest(row.digest),
      stateDigest: formatDigest(row.stateDigest),
      parents: parentsOf(row),
      name: row.name ?? null,
      labels: row.labels,
      source: row.source,
      filter: row.filter,
      createdMs: row.createdMs,
      entryCount: row.entryCount,
      totalBytes: row.totalBytes,
      ...(row.erasedMs !== undefined && { erasedMs: row.erasedMs }),
    }),
  );
}

/**
 * Returns what a record says.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function decodeSnapshotRecord(bytes: Buffer): Omit<SnapshotRow, "record"> {
  try {
    const record = JSON.parse(bytes.toString()) as Record<string, unknown>;
    if (record.coppice !== "snapshot" || record.version !== RECORD_VERSION)
      throw new Error("not a snapshot record");
    const [parent, ...mergeParents] = (record.parents as unknown[]).map(String);
    return {
      id: String(record.id),
      digest: parseDigest(String(record.digest)),
      stateDigest: parseDigest(String(record.stateDigest)),
      parent,
      mergeParents,
      name: record.name === null ? undefined : String(record.name),
      labels: record.labels as Record<string, string>,
      source: String(record.source),
      filter: record.filter as SnapshotRow["filter"],
      createdMs: Number(record.createdMs),
      entryCount: Number(record.entryCount),
      totalBytes: Number(record.totalBytes),
      ...(record.erasedMs !== undefined && { erasedMs: Number(record.erasedMs) }),
    };
  } catch (error) {
    throw new CoppiceError(
      "CORRUPT",
      `Cannot decode snapshot record: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
