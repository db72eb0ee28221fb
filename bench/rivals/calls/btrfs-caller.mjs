/**
 * The ioctl(2) of btrfs that make, sync and remove snapshots of subvolumes (linux/btrfs.h), through koffi.
 */
import { closeSync, constants, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import koffi from "koffi";

/** _IOW(0x94, 23, struct btrfs_ioctl_vol_args_v2), _IOW(0x94, 15, struct btrfs_ioctl_vol_args), _IO(0x94, 8). */
const SNAP_CREATE_V2 = 0x50009417;
const SNAP_DESTROY = 0x5000940f;
const SYNC = 0x9408;
/** Both structures have a page, which ends with a name. */
const ARGUMENT_BYTES = 4096;
const READ_ONLY = 2n;
const FLAGS_AT = 16;
const NAME_AT_V2 = 56;
const NAME_AT = 8;

/**
 * @param {import("./caller.mjs").CallerPlace} place
 * @returns {Promise<import("./caller.mjs").Caller>}
 */
export async function btrfsCaller({ repository, directory }) {
  const ioctl = koffi
    .load(null)
    .func("int ioctl(int file, unsigned long request, const void *argument)");
  const base = openDirectory(join(repository, "base"));
  const targets = openDirectory(directory);
  const labels = openDirectory(repository);
  /** @type {Map<string, string>} name of the last snapshot of each workspace */
  const last = new Map();
  /** @type {Set<string>} */
  const made = new Set();

  /**
   * @param {number} file
   * @param {number} request
   * @param {Buffer | null} argument
   */
  const call = (file, request, argument) => {
    if (ioctl(file, request, argument) < 0) {
      throw new Error(`ioctl ${request.toString(16)} failed with errno ${koffi.errno()}`);
    }
  };
  /**
   * @param {number} source
   * @param {number} parent
   * @param {string} name
   * @param {bigint} flags
   */
  const create = (source, parent, name, flags) => {
    const argument = Buffer.alloc(ARGUMENT_BYTES);
    argument.writeBigInt64LE(BigInt(source), 0);
    argument.writeBigUInt64LE(flags, FLAGS_AT);
    argument.write(name, NAME_AT_V2);
    call(parent, SNAP_CREATE_V2, argument);
  };
  const destroy = (/** @type {string} */ target) => {
    const argument = Buffer.alloc(ARGUMENT_BYTES);
    argument.write(basename(target), NAME_AT);
    call(targets, SNAP_DESTROY, argument);
    made.delete(target);
  };
  const fork = (/** @type {string} */ target, /** @type {number} */ source) => {
    if (dirname(target) !== directory) throw new Error(`Cannot fork to ${target}`);
    create(source, targets, basename(target), 0n);
    made.add(target);
  };
  return {
    fork: (target) => fork(target, base),
    snapshot(target, label, durability) {
      using(target, (source) => {
        create(source, labels, label, READ_ONLY);
        if (durability === "full") call(source, SYNC, null);
      });
      last.set(target, label);
    },
    readBack: (label, path) => readFile(join(repository, label, path)),
    rollback(target) {
      destroy(target);
      using(join(repository, last.get(target) ?? "base"), (source) => fork(target, source));
    },
    discard: destroy,
    close() {
      for (const target of made) destroy(target);
      for (const file of [base, targets, labels]) closeSync(file);
    },
  };
}

/** @param {string} path */
function openDirectory(path) {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/**
 * @param {string} path
 * @param {(file: number) => void} work
 */
function using(path, work) {
  const file = openDirectory(path);
  try {
    work(file);
  } finally {
    closeSync(file);
  }
}
