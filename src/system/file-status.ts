/**
 * Statuses of many names of one directory, by statx(2) on its descriptor.
 *
 * A look at every name is what an unchanged capture costs. `fs.lstatSync` takes 2.5 µs for each: a path
 * to build and encode, and a dozen BigInts; with names that lie in memory already and results that are
 * compared where the kernel put them it is 0.9 µs, half of it the kernel's.
 */
import type { NativeLibrary } from "./native-library.js";

/** 32-bit words of one `struct statx` (linux/stat.h), which has 256 bytes. */
export const STATX_WORDS = 64;

/**
 * Where what is used lies in a `struct statx`, in words of 32 bits; 64-bit numbers have their low word
 * first. `mode` has 16 bits.
 */
export const STATX = {
  nlink: 4,
  uid: 5,
  gid: 6,
  mode: 7,
  ino: 8,
  size: 10,
  blocks: 12,
  ctimeSeconds: 24,
  ctimeNanoseconds: 26,
  mtimeSeconds: 28,
  mtimeNanoseconds: 30,
  rdevMajor: 32,
  rdevMinor: 33,
  devMajor: 34,
  devMinor: 35,
} as const;

/** Memory for the statuses of up to `capacity` names. */
export class StatusBatch {
  readonly capacity: number;
  /** `STATX_WORDS` words for each name, as the kernel wrote them. */
  readonly words: Uint32Array;
  /** Names, each ended by NUL, to be filled by the caller. */
  readonly names: Buffer;
  /** For each name 0, or the number of the failure. */
  readonly errnos: Int32Array;

  /** @param namesBytes room for names */
  constructor(capacity: number, namesBytes: number) {
    this.capacity = capacity;
    this.words = new Uint32Array(capacity * STATX_WORDS);
    this.names = Buffer.allocUnsafeSlow(namesBytes);
    this.errnos = new Int32Array(capacity);
  }
}

/** The calls on statuses. */
export interface FileStatusCalls {
  /**
   * Reads the statuses of the names in a batch, without following symbolic links.
   *
   * @param directory descriptor of the directory that they are in
   * @param count how many names, one after the other from the start of `batch.names`
   */
  readonly readStatuses: (directory: number, batch: StatusBatch, count: number) => void;
  /** Reads the status of an open file into the batch's first place. @throws {NodeJS.ErrnoException} */
  readonly readStatusFd: (descriptor: number, batch: StatusBatch) => void;
  /**
   * Returns a number that the kernel never gives to another mount until it starts anew, of the mount that an
   * open file is on; `undefined` before Linux 6.8.
   *
   * @throws {NodeJS.ErrnoException}
   */
  readonly readMountId: (descriptor: number) => bigint | undefined;
}

/** Do not follow a final symbolic link; do not mount what would be mounted on access (linux/fcntl.h). */
const FLAGS = 0x100 | 0x800;
/** The descriptor itself, for an empty name. */
const AT_EMPTY_PATH = 0x1000;
/** STATX_BASIC_STATS (linux/stat.h): all that stat(2) tells. */
const MASK = 0x7ff;
/** STATX_MNT_ID_UNIQUE, and where the number lies. */
const MOUNT_ID = { mask: 0x4000, word: 36 };

/**
 * Returns the calls on statuses.
 *
 * @throws {Error} when the C library lacks statx (glibc before 2.28)
 */
export function fileStatusCalls(library: NativeLibrary): FileStatusCalls {
  // Addresses as numbers: no argument has to be encoded, and the batch keeps its memory in place.
  const statx = library.declare(
    "int statx(int fd, uint64_t path, int flags, uint32_t mask, uint64_t out)",
  );
  const addresses = new WeakMap<StatusBatch, { names: number; words: number }>();
  const addressesOf = (batch: StatusBatch) => {
    let found = addresses.get(batch);
    if (found === undefined) {
      found = { names: library.addressOf(batch.names), words: library.addressOf(batch.words) };
      addresses.set(batch, found);
    }
    return found;
  };
  return {
    readStatuses(directory, batch, count) {
      const { names, words } = addressesOf(batch);
      if (count > 0 && batch.names.lastIndexOf(0) < 0)
        throw new RangeError("Cannot read statuses: the names do not end");
      for (let index = 0, start = 0; index < count; index++) {
        const result = statx(
          directory,
          names + start,
          FLAGS,
          MASK,
          words + index * STATX_WORDS * 4,
        );
        batch.errnos[index] = result === 0 ? 0 : library.errno();
        // A loop of a dozen steps is quicker than a call of `indexOf`.
        while (batch.names[start++] !== 0);
      }
    },
    readStatusFd(descriptor, batch) {
      const { names, words } = addressesOf(batch);
      batch.names[0] = 0;
      if (statx(descriptor, names, AT_EMPTY_PATH, MASK, words) !== 0)
        throw library.lastError("statx");
    },
    readMountId(descriptor) {
      const batch = new StatusBatch(1, 1);
      const { names, words } = addressesOf(batch);
      batch.names[0] = 0;
      if (statx(descriptor, names, AT_EMPTY_PATH, MOUNT_ID.mask, words) !== 0)
        throw library.lastError("statx");
      const [told = 0] = batch.words;
      if ((told & MOUNT_ID.mask) === 0) return undefined;
      const { words: found } = batch;
      return BigInt(found[MOUNT_ID.word]!) | (BigInt(found[MOUNT_ID.word + 1]!) << 32n);
    },
  };
}
