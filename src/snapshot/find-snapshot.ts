/**
 * Find snapshot: what people and programs refer to a snapshot by.
 */
import type { SnapshotRow, SnapshotTable } from "../catalog/snapshot-table.js";
import { parseDigest } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";

/**
 * Returns the snapshot of an id, a name, a digest, or a prefix of an id or digest that no other shares.
 *
 * Several captures of one state share their digest: the newest of them is meant.
 *
 * @throws {CoppiceError} NOT_FOUND; AMBIGUOUS, naming what it could be
 */
export function findSnapshot(
  snapshots: Pick<SnapshotTable, "find" | "ofDigest" | "like">,
  reference: string,
): SnapshotRow {
  const exact = snapshots.find(reference);
  if (exact !== undefined) return exact;
  if (/^sha256:[0-9a-f]{64}$/.test(reference)) {
    const newest = snapshots.ofDigest(parseDigest(reference))[0];
    if (newest !== undefined) return newest;
  }
  const prefix = reference.replace(/^sha256:/, "").toLowerCase();
  const matches = /^[0-9a-z]+$/.test(prefix) ? snapshots.like(prefix) : [];
  const [first, ...others] = matches;
  if (first === undefined) {
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot find snapshot ${JSON.stringify(reference)}: no id, name or digest matches, list them with "coppice log"`,
    );
  }
  if (others.some((each) => !each.digest.equals(first.digest) || each.id.startsWith(prefix))) {
    const ids = matches.slice(0, 5).map((each) => each.id);
    throw new CoppiceError(
      "AMBIGUOUS",
      `Cannot find snapshot ${JSON.stringify(reference)}: it could be ${ids.join(", ")}, give more characters`,
    );
  }
  return first;
}
