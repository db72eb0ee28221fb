/**
 * Check argument: what node:fs refuses before it makes a call, with the errors that it gives.
 */

import { inspect } from "node:util";
import type { Data } from "../file-options.js";

/** Returns the error for an argument that is not what a call takes. */
export function wrongType(name: string, expected: string, value: unknown): TypeError {
  const message = `The "${name}" argument must be ${expected}. Received ${received(value)}`;
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_TYPE" });
}

/** Returns the error for an argument of a type that a call takes, but with a value that means nothing. */
export function wrongValue(name: string, reason: string, value: unknown): TypeError {
  const message = `The argument '${name}' ${reason}. Received ${JSON.stringify(value)}`;
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_VALUE" });
}

/** Checks what is to be written. @throws {TypeError} where it has no bytes */
export function checkData(data: unknown, name: string): asserts data is Data {
  if (typeof data !== "string" && !ArrayBuffer.isView(data))
    throw wrongType(name, "of type string or an instance of Buffer, TypedArray, or DataView", data);
}

/** Checks a whole number. @throws {TypeError | RangeError} where it is none, or out of range */
export function checkInteger(
  value: unknown,
  name: string,
  [min, max]: readonly [number, number] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
): asserts value is number {
  if (typeof value !== "number") throw wrongType(name, "of type number", value);
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const message = `The value of "${name}" is out of range. It must be an integer from ${min} to ${max}. Received ${value}`;
  throw Object.assign(new RangeError(message), { code: "ERR_OUT_OF_RANGE" });
}

function received(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value !== "object") return `type ${typeof value} (${inspect(value)})`;
  const maker: unknown = value.constructor?.name;
  return typeof maker === "string" && maker !== "" ? `an instance of ${maker}` : inspect(value);
}
