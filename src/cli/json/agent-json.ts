import type { AgentVersion } from "../../index.js";

/** Returns what JSON tells of a version of an agent; members that it lacks are `null`. */
export function agentJson(agent: AgentVersion) {
  return {
    id: agent.id,
    name: agent.name,
    version: agent.version,
    tags: agent.tags,
    digest: agent.digest,
    snapshot: agent.snapshot,
    snapshotDigest: agent.snapshotDigest,
    sizeBytes: agent.sizeBytes ?? null,
    entryCount: agent.entryCount,
    totalBytes: agent.totalBytes,
    runtime: agent.runtime ?? null,
    entrypoint: agent.entrypoint,
    labels: agent.labels,
    auth: agent.auth,
    createdAt: agent.createdAt.toISOString(),
  };
}
