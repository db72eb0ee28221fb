/**
 * Store calls: what profiles need of a store, and what else their work goes by.
 */
import type { Store } from "../store.js";
import type { Clock } from "./clock.js";

/** The calls of a store that profiles are built on. */
export type ProfileStore = Pick<
  Store,
  | "ledger"
  | "fork"
  | "discard"
  | "snapshot"
  | "snapshots"
  | "get"
  | "remove"
  | "pin"
  | "unpin"
  | "pins"
  | "overlay"
>;

/** What the calls of profiles work with. */
export interface ProfileParts {
  readonly store: ProfileStore;
  readonly clock: Clock;
}

/** What names the workspace of a job: whoever comes after a crash finds it by this. */
export function workspaceName(job: string): string {
  return `profile-job-${job}`;
}

/** Labels of snapshots that are a profile's own. */
export const LABELS = {
  /** The job that made it. */
  job: "coppice.profile-job",
  /** The version that it is of, as `name@version`. */
  profile: "coppice.profile",
} as const;

/** What pins of profiles say; a pin that says something else is somebody else's. */
export const PIN_NOTE = "of a profile";
