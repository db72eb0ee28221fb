/**
 * Profile draft: what a prepared image is made of, as it is given and as it is kept.
 */
import type { Snapshot } from "../index.js";
import { checkVariables } from "../model/check-options.js";
import { nextRefresh } from "./next-refresh.js";

/**
 * What a setup begins with: a snapshot, or its id, name or digest, as it is when the profile is published; a directory of this
 * machine, or another profile's ready snapshot, as they are when a job runs.
 */
export type ProfileBase = Snapshot | string | DirectoryBase | OtherProfileBase;

/** A directory of this machine. */
export interface DirectoryBase {
  /** Its path; where a profile is kept, absolute. */
  readonly directory: string;
}

/** Another profile. */
export interface OtherProfileBase {
  /** Its name. */
  readonly profile: string;
}

/** What a prepared image is made of. */
export interface ProfileDraft {
  /** What the setup begins with. @default nothing is there */
  readonly base?: ProfileBase | undefined;
  /** What is run in it, by `sh -eu`: a script, or its lines; at most 64 KiB. */
  readonly setup: string | readonly string[];
  /** Variables of its environment. They are stored as they are: a secret belongs to `secrets`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Variables whose values are secrets, each with a reference that `resolveSecret` knows; values are never stored. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  /** How often it is made anew: milliseconds, at least 1,000, or a cron expression in local time. @default only when asked */
  readonly refreshEvery?: number | string | undefined;
  /** Milliseconds after which a setup is ended and has failed. @default an hour */
  readonly timeout?: number | undefined;
}

/** A draft as it is kept. */
export interface StoredDraft {
  /** What the setup begins with; missing where nothing is there. */
  readonly base?: string | DirectoryBase | OtherProfileBase;
  /** The script. */
  readonly setup: string;
  /** Variables of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables with references to secrets. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Milliseconds, or a cron expression; missing where it is refreshed only when asked. */
  readonly refreshEvery?: number | string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** One argument of a program may have 128 KiB (MAX_ARG_STRLEN). */
const SETUP_BYTES_MAX = 64 * 1024;
const TIMEOUT_DEFAULT_MS = 3_600_000;
/** What setTimeout can wait for. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;
const REFRESH_MIN_MS = 1_000;

/**
 * Returns a draft as it is kept.
 *
 * @throws {TypeError} where it is none
 * @throws {RangeError} where a number is out of its range
 */
export function storedDraft(draft: ProfileDraft): StoredDraft {
  const { base, setup, env = {}, secrets = {}, refreshEvery, timeout } = draft;
  checkVariables("env", env);
  checkVariables("secrets", secrets);
  const twice = Object.keys(secrets).filter((name) => env[name] !== undefined);
  if (twice.length > 0)
    throw new TypeError(`Cannot define profile: ${twice.join(", ")} is in both env and secrets`);
  if (refreshEvery !== undefined) checkRefresh(refreshEvery);
  return {
    ...(base !== undefined && { base: storedBase(base) }),
    setup: scriptOf(setup),
    env: { ...env },
    secrets: { ...secrets },
    ...(refreshEvery !== undefined && { refreshEvery }),
    timeout: checkTimeout(timeout),
  };
}

function storedBase(base: ProfileBase): NonNullable<StoredDraft["base"]> {
  if (typeof base === "string") return base;
  if ("directory" in base && typeof base.directory === "string")
    return { directory: base.directory };
  if ("profile" in base && typeof base.profile === "string") return { profile: base.profile };
  if ("id" in base && typeof base.id === "string") return base.id;
  throw new TypeError(
    "Cannot define profile: give as base a snapshot, its id or name, { directory } or { profile }",
  );
}

function scriptOf(setup: string | readonly string[]): string {
  const script = Array.isArray(setup) ? setup.join("\n") : (setup as string);
  if (typeof script !== "string" || script.includes("\0"))
    throw new TypeError("Cannot define profile: give as setup a script, or its lines, without NUL");
  const bytes = Buffer.byteLength(script);
  if (bytes <= SETUP_BYTES_MAX) return script;
  throw new RangeError(
    `Cannot define profile: its setup has ${bytes} bytes of at most ${SETUP_BYTES_MAX}, put a script into the base`,
  );
}

function checkTimeout(timeout = TIMEOUT_DEFAULT_MS): number {
  if (Number.isInteger(timeout) && timeout >= 1 && timeout <= TIMEOUT_MAX_MS) return timeout;
  throw new RangeError(`Cannot use timeout ${timeout}: give milliseconds, 1 to ${TIMEOUT_MAX_MS}`);
}

function checkRefresh(refreshEvery: number | string): void {
  if (typeof refreshEvery === "string") {
    nextRefresh(refreshEvery, 0);
    return;
  }
  if (Number.isSafeInteger(refreshEvery) && refreshEvery >= REFRESH_MIN_MS) return;
  throw new RangeError(
    `Cannot use refreshEvery ${refreshEvery}: give milliseconds of at least ${REFRESH_MIN_MS}, or a cron expression`,
  );
}
