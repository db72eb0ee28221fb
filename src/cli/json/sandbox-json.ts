import type { SandboxEntry, SandboxEvent, SandboxInfo, SandboxSnapshot } from "../../index.js";

/** Returns what JSON tells of a sandbox; members that it lacks are `null`. */
export function sandboxJson(sandbox: SandboxInfo, path: string | undefined) {
  return {
    id: sandbox.id,
    name: sandbox.name ?? null,
    state: sandbox.state,
    path: path ?? null,
    workspace: sandbox.workspace,
    base: sandbox.base,
    restoredFrom: sandbox.restoredFrom ?? null,
    config: sandbox.config,
    isolation: sandbox.isolation,
    freezer: sandbox.freezer,
    createdAt: sandbox.createdAt.toISOString(),
  };
}

/** Returns what JSON tells of a snapshot of a sandbox. */
export function sandboxSnapshotJson(snapshot: SandboxSnapshot) {
  return {
    id: snapshot.id,
    name: snapshot.name ?? null,
    sandboxId: snapshot.sandboxId,
    sizeBytes: snapshot.sizeBytes,
    status: snapshot.status,
    createdAt: snapshot.createdAt.toISOString(),
  };
}

/** Returns what JSON tells of something that was done to a sandbox. */
export function sandboxEventJson({ at, ...event }: SandboxEvent) {
  return { ...event, at: at.toISOString() };
}

/** Returns what JSON tells of a file in a sandbox. */
export function sandboxEntryJson({ mode, modifiedAt, ...entry }: SandboxEntry) {
  return {
    ...entry,
    mode: mode.toString(8).padStart(4, "0"),
    modifiedAt: modifiedAt.toISOString(),
  };
}
