import type { Profile, ProfileJob, ProfileVersion } from "../../index.js";
import { durationText } from "../quantities.js";
import { escapeText } from "./escape-text.js";
import { formatDuration } from "./format-duration.js";
import { formatTable } from "./format-table.js";
import { formatTime } from "./format-time.js";
import type { Style } from "./style.js";

/** Returns a table of profiles. */
export function describeProfiles(profiles: readonly Profile[], style: Style): string[] {
  if (profiles.length === 0) return [];
  const head = ["NAME", "VERSION", "STATE", "SNAPSHOT", "REFRESH"].map((title) =>
    style("dim", title),
  );
  const rows = profiles.map(({ name, version, state, snapshot, draft }) => [
    style("bold", escapeText(name)),
    version === undefined ? "-" : String(version),
    styledState(state, style),
    snapshot === undefined ? "-" : style("yellow", snapshot),
    refreshText(draft.refreshEvery),
  ]);
  return formatTable([head, ...rows], ["left", "right"]);
}

/** Returns what a profile is, and its versions. */
export function describeProfile(
  profile: Profile,
  versions: readonly ProfileVersion[],
  style: Style,
): string[] {
  const { base, env, secrets, setup, timeout, refreshEvery } = profile.draft;
  const from =
    base === undefined
      ? "nothing"
      : typeof base === "string"
        ? base
        : "directory" in base
          ? `directory ${base.directory}`
          : `profile ${base.profile}`;
  const names = [...Object.keys(env), ...Object.keys(secrets).map((name) => `${name} (secret)`)];
  const facts = [
    ["base", escapeText(from)],
    ["variables", names.length === 0 ? "-" : names.join(", ")],
    ["refresh", refreshText(refreshEvery)],
    ["timeout", durationText(timeout)],
    ["snapshot", profile.snapshot ?? "-"],
  ];
  return [
    ...describeProfiles([profile], style),
    "",
    ...formatTable(facts.map(([title, value]) => [style("dim", title!), value!])),
    "",
    ...setup.split("\n").map((line) => `  ${escapeText(line)}`),
    ...versions.map(({ version, publishedAt }) =>
      style("dim", `version ${version}, published ${localTime(publishedAt)}`),
    ),
  ];
}

/** Returns a table of jobs. */
export function describeJobs(jobs: readonly ProfileJob[], style: Style): string[] {
  if (jobs.length === 0) return [];
  const head = ["ID", "VERSION", "FOR", "STATE", "QUEUED", "TOOK", ""];
  const rows = jobs.map((job) => [
    style("yellow", job.id),
    String(job.version),
    job.reason,
    styledState(job.state, style),
    localTime(job.queuedAt),
    tookText(job),
    escapeText(job.error ?? ""),
  ]);
  const alignments = ["left", "right", "left", "left", "left", "right"] as const;
  return formatTable([head.map((title) => style("dim", title)), ...rows], alignments);
}

/** Returns what became of a job, in a line. */
export function describeJob(job: ProfileJob, style: Style): string[] {
  const subject = `${escapeText(job.profile)}@${job.version}`;
  const error = job.error === undefined ? "" : `: ${escapeText(job.error)}`;
  const snapshot = job.snapshot === undefined ? "" : `: ${style("yellow", job.snapshot)}`;
  return [`${subject} ${styledState(job.state, style)}${error}${snapshot} (job ${job.id})`];
}

function styledState(state: Profile["state"], style: Style): string {
  if (state === "ready") return style("green", state);
  if (state === "failed") return style("red", state);
  return state === "running" ? style("cyan", state) : state;
}

function refreshText(refreshEvery: number | string | undefined): string {
  if (refreshEvery === undefined) return "-";
  return typeof refreshEvery === "number" ? durationText(refreshEvery) : refreshEvery;
}

function tookText({ startedAt, endedAt }: ProfileJob): string {
  if (startedAt === undefined || endedAt === undefined) return "";
  return formatDuration(endedAt.getTime() - startedAt.getTime());
}

function localTime(date: Date): string {
  return formatTime(BigInt(date.getTime()) * 1_000_000n);
}
