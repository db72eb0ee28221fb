/**
 * Require unused: nothing that is open may need what is about to be erased.
 */
import type { Catalog } from "../../catalog/catalog.js";
import type { Hold } from "../../catalog/hold-table.js";
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import { DigestSet } from "../../hash/digest-set.js";
import { CoppiceError } from "../../model/error.js";
import { listed } from "../../model/listed.js";

/**
 * Refuses to erase from snapshots that workspaces stand on, also by an image that they share, or that overlays and readers may stand on.
 *
 * @param contents digests of what is erased
 * @throws {CoppiceError} IN_USE, naming who needs it
 */
export function requireUnused(
  { workspaces, snapshots, holds }: Pick<Catalog, "workspaces" | "snapshots" | "holds">,
  affected: readonly Pick<SnapshotRow, "id" | "digest">[],
  contents: DigestSet,
): void {
  const ids = new Set(affected.map(({ id }) => id));
  const roots = new DigestSet();
  for (const { digest } of affected) roots.add(digest);
  const isAffected = (id: string): boolean => {
    if (ids.has(id)) return true;
    const digest = snapshots.find(id)?.digest;
    const anchor = digest && workspaces.anchorOf(digest);
    return anchor !== undefined && roots.has(anchor);
  };
  const standing = workspaces
    .all()
    .filter(({ base, head }) => isAffected(base) || isAffected(head));
  if (standing.length > 0) {
    throw new CoppiceError(
      "IN_USE",
      `Cannot erase: workspaces have what is to go in ${listed(standing.map(({ path }) => path))}, discard them first`,
    );
  }
  const isNeeded = ({ digest, role }: Hold): boolean =>
    role === "root" || role === "reading" ? roots.has(digest) : contents.has(digest);
  const overlays = holds.othersWithOverlays();
  if (holds.keptNow().some(isNeeded)) overlays.unshift("this process");
  if (overlays.length > 0) {
    throw new CoppiceError(
      "IN_USE",
      `Cannot erase: overlays may have what is to go in ${listed(overlays)}, discard them and close the store there first`,
    );
  }
  if (holds.all().some(isNeeded)) {
    throw new CoppiceError(
      "IN_USE",
      "Cannot erase: what is to go is being read or restored, wait until that has ended",
    );
  }
}
