/**
 * The files that overlays are measured with, the same in every process: directories of a hundred files, each file with
 * bytes of its own.
 */

const DIRECTORY_COUNT = 100;
/** One block of most disks. */
export const FILE_BYTES = 4096;
/** More files than these are not filled: a million would not fit into memory twice. */
const FILLED_FILES_MAX = 100_000;
const SHORT_BYTES = 16;

/** Bytes without order, of which each file has another window. */
const NOISE = Buffer.alloc(2 * FILE_BYTES);
for (let at = 0, state = 1; at < NOISE.length; at += 4) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  NOISE.writeUInt32LE((state ^ (state >>> 15)) >>> 0, at);
}

/**
 * Returns the path of the directory that a file is in.
 * @param {number} index
 */
export function directoryAt(index) {
  const directory = Math.floor(index / DIRECTORY_COUNT);
  return `/part-${Math.floor(directory / DIRECTORY_COUNT)}/directory-${directory}`;
}

/**
 * Returns the path of a file.
 * @param {number} index
 */
export function fileAt(index) {
  return `${directoryAt(index)}/file-${index % DIRECTORY_COUNT}.txt`;
}

/**
 * Returns what a file holds.
 * @param {number} index
 * @param {number} [sizeBytes]
 */
export function bytesAt(index, sizeBytes = FILE_BYTES) {
  const bytes = Buffer.from(NOISE.subarray(index % FILE_BYTES, (index % FILE_BYTES) + sizeBytes));
  bytes.writeUInt32LE(index, 0);
  return bytes;
}

/**
 * Returns the size of the files of a tree.
 * @param {number} count of all its files
 */
export function sizeOfFiles(count) {
  return count <= FILLED_FILES_MAX ? FILE_BYTES : SHORT_BYTES;
}

/**
 * Yields each directory, and then the files in it.
 * @param {number} count of all files
 * @param {number} [start] the first one
 * @param {number} [end] behind the last one
 * @returns {Generator<{ directory: string, files: { path: string, bytes: Buffer }[] }>}
 */
export function* treeFiles(count, start = 0, end = count) {
  const sizeBytes = sizeOfFiles(count);
  for (let first = start; first < end; first += DIRECTORY_COUNT) {
    const files = Array.from({ length: Math.min(DIRECTORY_COUNT, end - first) }, (_, at) => ({
      path: fileAt(first + at),
      bytes: bytesAt(first + at, sizeBytes),
    }));
    yield { directory: directoryAt(first), files };
  }
}
