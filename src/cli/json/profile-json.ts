import type { Profile, ProfileJob, ProfileVersion } from "../../index.js";

/** Returns what JSON tells of a profile; members that it lacks are `null`. */
export function profileJson(profile: Profile) {
  return {
    name: profile.name,
    state: profile.state,
    version: profile.version ?? null,
    snapshot: profile.snapshot ?? null,
    draft: profile.draft,
    createdAt: profile.createdAt.toISOString(),
    changedAt: profile.changedAt.toISOString(),
  };
}

/** Returns what JSON tells of a published version. */
export function versionJson({ version, draft, snapshot, publishedAt }: ProfileVersion) {
  return { version, draft, snapshot: snapshot ?? null, publishedAt: publishedAt.toISOString() };
}

/** Returns what JSON tells of a job. */
export function jobJson(job: ProfileJob) {
  return {
    id: job.id,
    profile: job.profile,
    version: job.version,
    reason: job.reason,
    state: job.state,
    attempts: job.attempts,
    queuedAt: job.queuedAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    endedAt: job.endedAt?.toISOString() ?? null,
    exitCode: job.exitCode ?? null,
    error: job.error ?? null,
    snapshot: job.snapshot ?? null,
  };
}
