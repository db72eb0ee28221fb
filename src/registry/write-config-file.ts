/**
 * Write config file: a file with secrets in a directory of somebody else's files.
 *
 * Each directory on the way is opened without following a link, and the next one through its descriptor (/proc/self/fd), so that what takes
 * a directory's place meanwhile leads nowhere else. Where there is no /proc, plain paths are used.
 */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { CoppiceError } from "../model/error.js";

const DIRECTORY_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Made by this call, so that nobody else has it open. */
const FILE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const hasDescriptorPaths = existsSync("/proc/self/fd");

/**
 * Writes a file for its owner alone; directories on the way are made where they are missing. A file that stands there goes.
 *
 * @param root the directory that the path is relative to
 * @param path names with `/` between them
 * @throws {CoppiceError} INVALID_ARGUMENT where something else stands on the way
 */
export function writeConfigFile(root: string, path: string, text: string): void {
  const names = path.split("/");
  const last = names.pop() as string;
  let place = root;
  let descriptor = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    for (const name of names) {
      place = `${place}/${name}`;
      const next = openDirectory(childOf(descriptor, place, name));
      closeSync(descriptor);
      descriptor = next;
    }
    writeNew(childOf(descriptor, `${place}/${last}`, last), text);
  } catch (error) {
    // Neither the text nor what it was made of is in what the system says.
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot write configuration file ${path}: ${(error as NodeJS.ErrnoException).code}, something stands in its way`,
      { cause: error, path },
    );
  } finally {
    closeSync(descriptor);
  }
}

function childOf(descriptor: number, path: string, name: string): string {
  return hasDescriptorPaths ? `/proc/self/fd/${descriptor}/${name}` : path;
}

function openDirectory(path: string): number {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return openSync(path, DIRECTORY_FLAGS);
}

function writeNew(path: string, text: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const descriptor = openSync(path, FILE_FLAGS, 0o600);
  try {
    // The umask may have taken more.
    fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}
