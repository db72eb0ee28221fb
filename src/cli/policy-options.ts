/**
 * Policy options: a retention policy on the command line.
 */
import type { Command } from "commander";
import type { RetentionPolicy } from "../index.js";
import { wholeNumber } from "./options.js";
import { formatBytes } from "./output/format-bytes.js";
import { durationArgument, durationText, sizeArgument } from "./quantities.js";

/** Options that make up a policy. */
export type PolicyOptions = RetentionPolicy;

/** Adds the options that make up a policy. */
export function addPolicyOptions(command: Command): Command {
  return command
    .option(
      "--keep-last <count>",
      "keep the newest so many snapshots of each directory",
      wholeNumber(1),
    )
    .option(
      "--keep-within <duration>",
      "keep snapshots younger than this, as 14d",
      durationArgument,
    )
    .option(
      "--ttl <duration>",
      "remove snapshots older than this, whatever else keeps them",
      durationArgument,
    )
    .option(
      "--max-per-name <count>",
      "of names that share what is before the last @, keep the newest so many",
      wholeNumber(1),
    )
    .option(
      "--max-bytes <size>",
      "remove the oldest until the packs hold no more than this, as 20GB",
      sizeArgument,
    );
}

/** Returns the policy that some options make up, `undefined` where none was given. */
export function policyOf(options: PolicyOptions): RetentionPolicy | undefined {
  const { keepLast, keepWithin, ttl, maxPerName, maxBytes } = options;
  const given = Object.entries({ keepLast, keepWithin, ttl, maxPerName, maxBytes }).filter(
    ([, value]) => value !== undefined,
  );
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** Returns a policy as its options are written; each a line. */
export function describePolicy(policy: RetentionPolicy): string[] {
  const { keepLast, keepWithin, ttl, maxPerName, maxBytes } = policy;
  return [
    ...(keepLast === undefined ? [] : [`--keep-last ${keepLast}`]),
    ...(keepWithin === undefined ? [] : [`--keep-within ${durationText(keepWithin)}`]),
    ...(ttl === undefined ? [] : [`--ttl ${durationText(ttl)}`]),
    ...(maxPerName === undefined ? [] : [`--max-per-name ${maxPerName}`]),
    ...(maxBytes === undefined ? [] : [`--max-bytes ${formatBytes(maxBytes).replace(" ", "")}`]),
  ];
}
