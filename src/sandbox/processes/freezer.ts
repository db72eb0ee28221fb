/**
 * Freezer: stops all processes of a sandbox, with all that they started, and has them go on.
 *
 * | kind | what it is | what escapes |
 * | --- | --- | --- |
 * | `cgroup` | a control group of version 2 (`cgroup.freeze`, `cgroup.kill`) | nothing |
 * | `cgroup-v1` | one of the hierarchy `freezer` of version 1 | nothing |
 * | `signals` | SIGSTOP, until a look at all processes finds none running | what has parted from parents, session and environment |
 *
 * Which of them works is found out by trying, once in a process.
 */
import { CoppiceError } from "../../model/error.js";
import { type CgroupVersion, cgroupFreezer, findCgroups, probeCgroup } from "./cgroup.js";
import type { ProcessGroup } from "./process-group.js";
import { continueGroup, killGroup, stopGroup } from "./process-group.js";

/** Names a freezer. */
export type FreezerKind = "cgroup" | "cgroup-v1" | "signals";

/** The freezers, best first. */
export const FREEZER_KINDS: readonly FreezerKind[] = ["cgroup", "cgroup-v1", "signals"];

/** Which freezer a sandbox has, and why not a better one. */
export interface FreezerReport {
  /** The one that it has. */
  readonly kind: FreezerKind;
  /** The control group's directory, where it is one. */
  readonly directory?: string;
  /** Those that would have been better, and why they could not be used. */
  readonly passedOver: readonly {
    /** The better one. */
    readonly kind: FreezerKind;
    /** Why it could not be used. */
    readonly reason: string;
  }[];
}

/** What stops a sandbox's processes. Each call may be repeated. */
export interface Freezer {
  /** Puts a process in that has not run anything yet. @throws {NodeJS.ErrnoException} */
  enter(pid: number): void;
  /** Stops all of them; returns once they are. @throws {CoppiceError} IO */
  freeze(): Promise<void>;
  /** Has all of them go on. @throws {CoppiceError} IO */
  thaw(): Promise<void>;
  /** Ends all of them, stopped or not; returns once they have. @throws {CoppiceError} IO */
  kill(): Promise<void>;
  /** Takes away what was made for it; to be called when no process is left. */
  remove(): Promise<void>;
}

/**
 * Chooses a freezer for a new sandbox.
 *
 * @param wanted the only one that will do
 * @throws {CoppiceError} UNSUPPORTED where that one cannot be had
 */
export async function chooseFreezer(
  sandbox: string,
  wanted: FreezerKind | undefined,
): Promise<FreezerReport> {
  const passedOver: FreezerReport["passedOver"][number][] = [];
  for (const kind of FREEZER_KINDS) {
    if (wanted !== undefined && wanted !== kind) continue;
    if (kind === "signals") return { kind, passedOver };
    const version = kind === "cgroup" ? 2 : 1;
    const found = await tried(version);
    if ("directory" in found)
      return { kind, directory: `${found.directory}/coppice-${sandbox}`, passedOver };
    passedOver.push({ kind, reason: found.reason });
  }
  const reasons = passedOver.map(({ reason }) => reason).join("; ");
  throw new CoppiceError(
    "UNSUPPORTED",
    `Cannot use freezer ${wanted}: ${reasons}, leave it out to get the best that works`,
  );
}

/** Returns the freezer that a report tells of. Costs nothing. */
export function freezerOf({ kind, directory }: FreezerReport, group: ProcessGroup): Freezer {
  if (kind !== "signals" && directory !== undefined)
    return cgroupFreezer(kind === "cgroup" ? 2 : 1, directory);
  return {
    enter: () => undefined,
    freeze: () => stopGroup(group),
    thaw: async () => continueGroup(group),
    kill: () => killGroup(group),
    remove: async () => undefined,
  };
}

type Outcome = { readonly directory: string } | { readonly reason: string };

const outcomes = new Map<CgroupVersion, Promise<Outcome>>();

function tried(version: CgroupVersion): Promise<Outcome> {
  const known = outcomes.get(version) ?? tryOut(version);
  outcomes.set(version, known);
  return known;
}

async function tryOut(version: CgroupVersion): Promise<Outcome> {
  const found = findCgroups(version);
  if ("reason" in found) return found;
  try {
    await probeCgroup(version, found.directory);
    return found;
  } catch (error) {
    return { reason: `${found.directory}: ${(error as Error).message}` };
  }
}
