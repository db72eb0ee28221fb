/**
 * Live roots: what a collection starts from.
 */
import type { Catalog } from "../../catalog/catalog.js";
import type { ReachableRoot } from "../../tree/reachable-chunks.js";

/** Returns what is to stay with all that it refers to, as it is now: snapshots, and what sessions hold. */
export function liveRoots(catalog: Catalog): ReachableRoot[] {
  const snapshots = catalog.collection.snapshots();
  return [...snapshots.flatMap(snapshotRoots), ...heldRoots(catalog)];
}

/** Returns what a snapshot consists of. */
export function snapshotRoots({
  root,
  record,
}: Record<"root" | "record", Buffer>): ReachableRoot[] {
  return [
    { digest: root, role: "root" },
    { digest: record, role: "data" },
  ];
}

/** Returns what sessions hold, whatever becomes of snapshots. */
export function heldRoots({ holds }: Pick<Catalog, "holds">): ReachableRoot[] {
  return holds
    .all()
    .map(({ digest, role }) => ({ digest, role: role === "reading" ? "root" : role }));
}
