/**
 * Live roots: what a collection starts from.
 */
import type { Catalog } from "../../catalog/catalog.js";
import type { ReachableRoot } from "../../tree/reachable-chunks.js";

/** Returns what is to stay with all that it refers to, as it is now: snapshots, and what sessions hold. */
export function liveRoots({ collection, holds }: Catalog): ReachableRoot[] {
  return [
    ...collection.snapshots().flatMap(({ root, record }): ReachableRoot[] => [
      { digest: root, role: "root" },
      { digest: record, role: "data" },
    ]),
    ...holds.all().map(
      ({ digest, role }): ReachableRoot => ({
        digest,
        role: role === "reading" ? "root" : role,
      }),
    ),
  ];
}
