/**
 * Name list: the names of a directory as one run of bytes, each ended by NUL, as a block keeps them.
 */
import type { SystemPath } from "../system/system-path.js";
import { nameFromBytes, pathBytes } from "./source-directory.js";

/** Returns names as one run of bytes. */
export function joinNames(names: readonly SystemPath[]): Buffer {
  if (names.every((name) => typeof name === "string")) {
    return Buffer.from(names.length === 0 ? "" : `${names.join("\0")}\0`);
  }
  return Buffer.concat(names.flatMap((name) => [pathBytes(name), NUL]));
}

/** Returns the names in a run of bytes. */
export function splitNames(bytes: Buffer): SystemPath[] {
  if (bytes.length === 0) return [];
  const text = bytes.toString("utf8", 0, bytes.length - 1);
  if (!text.includes("\uFFFD")) return text.split("\0");
  const names: SystemPath[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    names.push(nameFromBytes(bytes.subarray(start, end)));
    start = end + 1;
  }
  return names;
}

const NUL = Buffer.alloc(1);
