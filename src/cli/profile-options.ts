/**
 * Profile options: a draft on the command line.
 */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { ProfileBase, ProfileDraft } from "../index.js";
import { collect, collectLabel } from "./options.js";
import { durationArgument, refreshArgument } from "./quantities.js";
import { UsageError } from "./usage-error.js";

/** Options that make up a draft. */
export interface DraftOptions {
  readonly base?: string;
  readonly baseDirectory?: string;
  readonly baseProfile?: string;
  readonly setup?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly secret?: readonly string[];
  readonly refreshEvery?: number | string;
  readonly timeout?: number;
}

/** Adds the options that make up a draft. */
export function addDraftOptions(command: Command): Command {
  return command
    .option("--base <snapshot>", "what it begins with: a snapshot")
    .option("--base-directory <directory>", "or a directory, as it is when a job runs")
    .option("--base-profile <name>", "or another profile's snapshot, likewise")
    .option("--setup <file>", "the script to run in it, by sh -eu; - for standard input")
    .option("-e, --env <name=value>", "a variable; may be given several times", collectLabel)
    .option("--secret <name>", "a variable of whoever runs it; may be given several times", collect)
    .option("--refresh-every <time>", "how often: as 6h, or a cron expression", refreshArgument)
    .option(
      "--timeout <duration>",
      "how long the setup may take, as 10min; an hour unless told",
      durationArgument,
    );
}

/**
 * Returns the draft that some options make up.
 *
 * @throws {UsageError} where they make up none
 */
export function draftOf(options: DraftOptions): ProfileDraft {
  const {
    base,
    baseDirectory,
    baseProfile,
    setup,
    env,
    secret = [],
    refreshEvery,
    timeout,
  } = options;
  const bases: ProfileBase[] = [
    ...(base === undefined ? [] : [base]),
    ...(baseDirectory === undefined ? [] : [{ directory: baseDirectory }]),
    ...(baseProfile === undefined ? [] : [{ profile: baseProfile }]),
  ];
  if (bases.length > 1) throw new UsageError("Cannot tell the base: give one of them");
  if (setup === undefined)
    throw new UsageError("Cannot tell the setup: give --setup <file>, or - for standard input");
  return {
    base: bases[0],
    setup: readFileSync(setup === "-" ? process.stdin.fd : setup, "utf8"),
    env,
    secrets: Object.fromEntries(secret.map((name) => [name, name])),
    refreshEvery,
    timeout,
  };
}
