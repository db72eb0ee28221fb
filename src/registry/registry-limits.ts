/**
 * Registry limits: how large bundles may be, and how many versions stay.
 */
import type { Ledger } from "../ledger/ledger.js";
import { CoppiceError } from "../model/error.js";

/** Limits of a registry, for all agents in it. */
export interface RegistryLimits {
  /** The largest bundle, in bytes; of a directory or a snapshot, the sum of its files' sizes. @default none */
  readonly maxSizeBytes?: number;
  /** So many versions of an agent stay, those with a tag and the latest always; at least 1. @default all */
  readonly maxVersions?: number;
  /** Versions that are younger than so many milliseconds stay, as do the latest and those with a tag; others go. @default all */
  readonly keepWithin?: number;
}

/** Returns the limits that were set. */
export function readLimits({ database, transaction }: Ledger): RegistryLimits {
  const limits = transaction.read(() =>
    database.prepare("SELECT limits FROM registry_limits").pluck().get(),
  ) as string | undefined;
  return limits === undefined ? {} : (JSON.parse(limits) as RegistryLimits);
}

/** Sets limits, in place of those before, and returns them. */
export function writeLimits(ledger: Ledger, limits: RegistryLimits): RegistryLimits {
  const checked = checkLimits(limits);
  ledger.transaction.run(() =>
    ledger.database
      .prepare("INSERT OR REPLACE INTO registry_limits VALUES (1, ?)")
      .run(JSON.stringify(checked)),
  );
  return checked;
}

const LEAST = { maxSizeBytes: 0, maxVersions: 1, keepWithin: 0 };

function checkLimits(limits: RegistryLimits): RegistryLimits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [key, value] of given) {
    if (!Object.hasOwn(LEAST, key))
      throw new TypeError(`Cannot use ${key}: limits of a registry have no such member`);
    const least = LEAST[key as keyof typeof LEAST];
    if (!Number.isSafeInteger(value) || (value as number) < least)
      throw new RangeError(`Cannot use ${key} ${value}: give a whole number of at least ${least}`);
  }
  return Object.fromEntries(given);
}

/** @throws {CoppiceError} LIMIT_EXCEEDED */
export function requireSize(
  name: string,
  sizeBytes: number,
  { maxSizeBytes }: RegistryLimits,
): void {
  if (maxSizeBytes === undefined || sizeBytes <= maxSizeBytes) return;
  throw new CoppiceError(
    "LIMIT_EXCEEDED",
    `Cannot upload ${name}: it has more bytes than the ${maxSizeBytes} that the registry takes; leave something out, or set other limits`,
  );
}
