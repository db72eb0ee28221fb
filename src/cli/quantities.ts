/**
 * Quantities: durations, moments and sizes as people write them.
 */
import { InvalidArgumentError } from "commander";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Reads a duration: `90min`, `36h`, `14d`, `8w`, `1y` (365 days), or several that are added: `1d12h`. Returns milliseconds. */
export function durationArgument(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(s|min|h|d|w|y)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text)
    throw new InvalidArgumentError("Give a duration such as 90min, 36h, 14d, 8w, 1y or 1d12h.");
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit as string]!, 0);
}

/** Milliseconds of the units in which people say how long ago something was. */
const UNIT_AGO_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads a time, or how long ago it was. */
export function pastTime(text: string): Date {
  const [, count, unit = ""] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const time = new Date(
    count === undefined ? text : Date.now() - Number(count) * (UNIT_AGO_MS[unit] ?? 0),
  );
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError(
    "Give a time, as 2026-01-31 or 2026-01-31T12:00, or how long ago: 30m, 12h, 7d, 2w.",
  );
}

/** Reads how often something happens: a duration, or a cron expression, which has blanks. */
export function refreshArgument(text: string): number | string {
  return text.trim().includes(" ") ? text : durationArgument(text);
}

/** Reads a size: `500MB`, `20GB`, `1.5TiB`; bytes without a unit. */
export function sizeArgument(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.toLowerCase()) ?? [];
  const factor = unit === undefined ? undefined : UNIT_BYTES[unit];
  if (factor === undefined)
    throw new InvalidArgumentError("Give a size such as 500MB, 20GB or 1.5TiB.");
  return Math.floor(Number(count) * factor);
}

/** Returns a duration in the largest units in which it is whole, as `durationArgument` reads it; milliseconds where it is in none. */
export function durationText(milliseconds: number): string {
  for (const [unit, unitMs] of Object.entries(UNIT_MS).reverse())
    if (unit !== "y" && milliseconds >= unitMs && milliseconds % unitMs === 0)
      return `${milliseconds / unitMs}${unit}`;
  return `${milliseconds / 1_000}s`;
}
