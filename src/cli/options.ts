/**
 * Options that several commands read, and how their text becomes values.
 */
import { InvalidArgumentError, Option } from "commander";
import { DRIVER_NAMES } from "../workspace/driver.js";

/** More threads than this are refused by the library too. */
const WORKERS_MAX = 64;

/** Returns the reader of a whole number within a range. */
export function wholeNumber(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    const range =
      maximum === Number.MAX_SAFE_INTEGER
        ? `of at least ${minimum}`
        : `from ${minimum} to ${maximum}`;
    throw new InvalidArgumentError(`Give a whole number ${range}.`);
  };
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Collects labels, each `key=value`. */
export function collectLabel(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Give a label as key=value.");
  return { ...previous, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** `--durability`: what a result survives. */
export function durabilityOption(): Option {
  return new Option(
    "--durability <level>",
    "full survives a power cut, relaxed the end of the process",
  )
    .choices(["full", "relaxed"])
    .default("full");
}

/** `--driver`: in which way a workspace comes to be. */
export function driverOption(): Option {
  return new Option("-d, --driver <driver>", "the only way that will do").choices(DRIVER_NAMES);
}

/** `--workers`: how many threads work. */
export function workersOption(): Option {
  return new Option(
    "--workers <count>",
    "threads to use, 0 for none beside the main one",
  ).argParser(wholeNumber(0, WORKERS_MAX));
}

/** `--escaped`: how the paths on the command line are written. */
export function escapedOption(): Option {
  return new Option(
    "--escaped",
    "paths are written as listings show them, with \\xNN for a byte and \\\\ for a backslash",
  );
}
