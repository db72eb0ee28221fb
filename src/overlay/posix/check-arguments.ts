/**
 * Check arguments: what calls are given must be what their types say, also where nothing checked the types. The codes are
 * those of node:fs; nothing of a call is done before.
 */

/** Largest owner and mode (uid_t, mode_t). */
const UINT32_MAX = 2 ** 32 - 1;
const INT32_MAX = 2 ** 31 - 1;

/** @throws {TypeError} ERR_INVALID_ARG_TYPE */
export function wrongType(name: string, expected: string, value: unknown): TypeError {
  const message = `The "${name}" argument must be ${expected}. Received ${nameOf(value)}`;
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_TYPE" });
}

/** Returns the error for a value of the right type that means nothing. */
export function wrongValue(name: string, value: unknown, why = "is invalid"): TypeError {
  const message = `The argument '${name}' ${why}. Received ${nameOf(value)}`;
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_VALUE" });
}

/** Returns the error for a number beyond its bounds. */
export function outOfRange(name: string, range: string, value: unknown): RangeError {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${nameOf(value)}`;
  return Object.assign(new RangeError(message), { code: "ERR_OUT_OF_RANGE" });
}

/** Returns a whole number within bounds. @throws {TypeError} @throws {RangeError} */
export function checkInteger(
  name: string,
  value: unknown,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== "number") throw wrongType(name, "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
  return value;
}

/** Returns the number of an owner; -1 leaves it as it is. */
export function checkOwner(name: string, value: unknown): number {
  return checkInteger(name, value, -1, UINT32_MAX);
}

/** Returns a number of 32 bits. */
export function checkUint32(name: string, value: unknown): number {
  return checkInteger(name, value, 0, UINT32_MAX);
}

/** Returns bits of open(2). */
export function checkInt32(name: string, value: unknown): number {
  return checkInteger(name, value, -INT32_MAX - 1, INT32_MAX);
}

/** Returns the bits of access(2) and of copyFile: three of them. */
export function checkThreeBits(name: string, value: unknown): number {
  return value === undefined || value === null ? 0 : checkInteger(name, value, 0, 7);
}

/** Returns a size; less than nothing is nothing. */
export function checkSize(name: string, value: unknown): number {
  return value === undefined || value === null ? 0 : Math.max(0, checkInteger(name, value));
}

/** Fails where options are no object. */
export function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw wrongType("options", "of type object", options);
}

/** Fails where one of these options is given and is not true or false. */
export function checkBooleans<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
): void {
  for (const name of names) {
    const value = options[name];
    if (value !== undefined && typeof value !== "boolean")
      throw wrongType(`options.${name}`, "of type boolean", value);
  }
}

/** Returns options that may be an encoding alone. */
export function optionsOf<Options extends { readonly encoding?: unknown }>(
  options: Options | string | null | undefined,
): Options {
  const given = typeof options === "string" ? { encoding: options } : (options ?? {});
  // As node:fs, which takes a function for a callback, and nothing more.
  if (typeof given === "function") return {} as Options;
  if (typeof given !== "object") throw wrongType("options", "of type string or object", options);
  const { encoding } = given;
  const isKnown = encoding === "buffer" || Buffer.isEncoding(encoding as string);
  if (encoding && !isKnown) throw wrongValue("encoding", encoding, "is invalid encoding");
  return given as Options;
}

/** Returns what is to be written as bytes, which are the caller's. */
export function bytesOf(data: unknown, encoding: BufferEncoding | null | undefined): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, encoding || "utf8");
  return bytesIn("data", data);
}

/** Returns the bytes that a buffer of any kind is over. */
export function bytesIn(name: string, buffer: unknown): Uint8Array {
  if (!ArrayBuffer.isView(buffer))
    throw wrongType(
      name,
      "of type string or an instance of Buffer, TypedArray or DataView",
      buffer,
    );
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Fails where buffers are none. */
export function checkBuffers(buffers: unknown): void {
  const isGood = Array.isArray(buffers) && buffers.every((each) => ArrayBuffer.isView(each));
  if (!isGood) throw wrongType("buffers", "an instance of ArrayBufferView[]", buffers);
}

/** Says what was given, in few words: it may be large, or refuse to be text. */
function nameOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 128));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return `an instance of ${value.constructor?.name ?? "Object"}`;
}
