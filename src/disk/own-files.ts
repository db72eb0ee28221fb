/**
 * Own files: files and directories of the store are for its owner alone, whatever the umask is. One that takes something from the owner too
 * would leave a store that its owner cannot enter, and one that takes nothing is no reason to let others in.
 */
import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Stores hold the content of files whatever those files' modes: nobody else may read them. */
export const OWN_FILE_MODE = 0o600;
const OWN_DIRECTORY_MODE = 0o700;

/**
 * Makes a directory and those above it; what is there stays as it is.
 *
 * @returns the first one that was made, or `undefined`
 * @throws {NodeJS.ErrnoException}
 */
export function makeOwnDirectory(path: string): string | undefined {
  if (isDirectory(path)) return undefined;
  const first = makeOwnDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: OWN_DIRECTORY_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isDirectory(path)) throw error;
    return first;
  }
  // Before anything is made in it: a umask may have closed it for its owner.
  chmodSync(path, OWN_DIRECTORY_MODE);
  return first ?? path;
}

/**
 * Makes an empty file.
 *
 * @throws {NodeJS.ErrnoException} EEXIST where there is one
 */
export function makeOwnFile(path: string): void {
  const descriptor = openSync(path, "wx", OWN_FILE_MODE);
  try {
    fchmodSync(descriptor, OWN_FILE_MODE);
  } finally {
    closeSync(descriptor);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
