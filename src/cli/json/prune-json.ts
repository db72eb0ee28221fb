import type { PruneReport } from "../../index.js";

/** Returns what JSON tells of a removal by policy. */
export function pruneJson({ snapshots, ...report }: PruneReport) {
  return {
    ...report,
    snapshots: snapshots.map(({ name, createdAt, ...each }) => ({
      ...each,
      name: name ?? null,
      createdAt: createdAt.toISOString(),
    })),
  };
}
