import type { Snapshot } from "../../index.js";

/** Returns what JSON tells of a snapshot; members that it lacks are `null`. */
export function snapshotJson(snapshot: Snapshot) {
  return {
    id: snapshot.id,
    name: snapshot.name ?? null,
    digest: snapshot.digest,
    stateDigest: snapshot.stateDigest,
    parent: snapshot.parent ?? null,
    parents: snapshot.parents,
    labels: snapshot.labels,
    source: snapshot.source,
    createdAt: snapshot.createdAt.toISOString(),
    entryCount: snapshot.entryCount,
    totalBytes: snapshot.totalBytes,
    ...(snapshot.erasedAt && { erasedAt: snapshot.erasedAt.toISOString() }),
  };
}
