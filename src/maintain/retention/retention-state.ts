/**
 * Retention state: what the catalog tells a plan.
 */
import type { Catalog } from "../../catalog/catalog.js";
import type { RetentionState } from "./plan-retention.js";

/** Returns snapshots, pins, and what workspaces stand on, as they are now. */
export function retentionState({ retention, pins, workspaces }: Catalog): RetentionState {
  return {
    snapshots: retention.snapshots(),
    pinned: new Set(pins.all().map(({ snapshot }) => snapshot)),
    workspaces: new Set(workspaces.all().flatMap(({ base, head }) => [base, head])),
  };
}
