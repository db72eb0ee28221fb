/**
 * Path bytes: paths as node:fs takes them, as the bytes that they are.
 */
import { fileURLToPath } from "node:url";
import { wrongType, wrongValue } from "./check-arguments.js";

/** A path in an overlay: `/` is its root, and relative paths start there. */
export type PathLike = string | Buffer | URL;

/** Returns a path's bytes, as Latin-1. @throws {TypeError} where it is no path, or has a NUL in it */
export function pathBytes(path: PathLike, name = "path"): string {
  const given = path instanceof URL ? fileURLToPath(path) : path;
  if (typeof given !== "string" && !(given instanceof Uint8Array)) {
    throw wrongType(name, "of type string or an instance of Buffer or URL", given);
  }
  const bytes = typeof given === "string" ? bytesOf(given) : Buffer.from(given).toString("latin1");
  if (bytes.includes("\0")) {
    throw wrongValue(name, String(path), "must be a string, Uint8Array, or URL without null bytes");
  }
  return bytes;
}

/** Returns the bytes of a text in UTF-8, as Latin-1. */
function bytesOf(text: string): string {
  return isAscii(text) ? text : Buffer.from(text).toString("latin1");
}

/** Returns the text of bytes in UTF-8, given as Latin-1. */
export function textOf(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString();
}

/** Returns bytes that are given as Latin-1 in an encoding, as node:fs does. */
export function encoded(
  bytes: string,
  encoding: BufferEncoding | "buffer" | undefined | null,
): string | Buffer {
  if (!encoding || encoding === "utf8" || encoding === "utf-8") return textOf(bytes);
  const buffer = Buffer.from(bytes, "latin1");
  return encoding === "buffer" ? buffer : buffer.toString(encoding);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
