/**
 * Paths inside a snapshot: relative, `/` between names, names are bytes.
 */
import { CoppiceError } from "./error.js";

/** A path inside a snapshot: text, or bytes where a name is not UTF-8. `""`, `"."` and `"/"` are the root. */
export type TreePath = string | Buffer;

/**
 * Returns the names of a path.
 *
 * Empty names and `.` are left out, as in the kernel.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT for `..` and NUL: a snapshot has nothing above its root
 */
export function parseTreePath(path: TreePath): Buffer[] {
  const bytes = typeof path === "string" ? Buffer.from(path) : path;
  const names: Buffer[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const slash = bytes.indexOf(SLASH, start);
    const end = slash < 0 ? bytes.length : slash;
    const name = bytes.subarray(start, end);
    start = end + 1;
    if (name.length === 0 || name.equals(DOT)) continue;
    if (name.equals(DOT_DOT) || name.includes(0)) {
      throw new CoppiceError(
        "INVALID_ARGUMENT",
        `Cannot use path ${JSON.stringify(bytes.toString())}: it has ".." or NUL in it, give one relative to the snapshot's root`,
        {
          path: bytes.toString(),
        },
      );
    }
    names.push(name);
  }
  return names;
}

const SLASH = 0x2f;
const DOT = Buffer.from(".");
const DOT_DOT = Buffer.from("..");

/** Returns the bytes of the path that some names make. */
export function pathOfNames(names: readonly Buffer[]): Buffer {
  return Buffer.concat(names.flatMap((name, index) => (index === 0 ? [name] : [SEPARATOR, name])));
}

/** Returns the path of a name in a directory, whose own path is empty for the root. */
export function childPath(directory: Buffer, name: Buffer): Buffer {
  return directory.length === 0 ? name : Buffer.concat([directory, SEPARATOR, name]);
}

const SEPARATOR = Buffer.from("/");
