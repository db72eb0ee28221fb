/**
 * A file system of its own, in a file: mounted through a loop device. It is what a machine's own disk need not
 * be: one that can share blocks between files, one that is full, or one that has become read-only.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { unmountBelow } from "./mount-points.js";

/** All but ext4 can share blocks between files; ext4 can be told that it met an error. */
export type LoopFileSystemType = "btrfs" | "ext4" | "xfs";

const MEBIBYTE = 2 ** 20;

/** Each is made by its own tool. Below 300 MiB mkfs.xfs refuses, and btrfs has no room for its metadata. */
const MINIMUM_MEBIBYTES = 300;

/** A mounted file system. */
export interface LoopFileSystem {
  /** Where it is mounted, empty but for what the file system puts there itself. */
  readonly directory: string;
  /** Has ext4 meet an error, after which the kernel lets nothing be written, whatever is open. */
  turnReadOnly(): void;
  /** Unmounts it and mounts it again, as a machine does that was started anew. Nothing in it may be in use. */
  mountAgain(): void;
  /** Unmounts it and whatever is mounted in it, and removes its file. Idempotent. */
  remove(): void;
}

/**
 * Makes a file system and mounts it. Needs root, loop devices and `mkfs.xfs`, `mkfs.ext4` or `mkfs.btrfs`; takes 0.2 s and
 * what is written to it on the disk of `os.tmpdir()`.
 *
 * @param sizeMebibytes at least 300
 * @throws {Error} when the machine cannot; nothing is left then
 */
export function makeLoopFileSystem(
  type: LoopFileSystemType,
  sizeMebibytes: number = MINIMUM_MEBIBYTES,
): LoopFileSystem {
  const scratch = mkdtempSync(join(realpathSync(tmpdir()), `coppice-${type}-`));
  const file = join(scratch, "image");
  const directory = join(scratch, "mounted");
  let isThere = true;
  const remove = (): void => {
    if (!isThere) return;
    isThere = false;
    unmountBelow(scratch);
    rmSync(scratch, { recursive: true });
  };
  let device = "";
  const mount = (): void => {
    device = command("losetup", ["--find", "--show", file]).trim();
    try {
      const options = type === "ext4" ? ["-o", "errors=remount-ro"] : [];
      command("mount", ["-t", type, ...options, device, directory]);
    } finally {
      // While it is mounted the kernel keeps the device; it goes with the last that uses it.
      command("losetup", ["--detach", device]);
    }
  };
  try {
    writeFileSync(file, "");
    truncateSync(file, sizeMebibytes * MEBIBYTE);
    mkdirSync(directory);
    command(`mkfs.${type}`, ["-q", file]);
    mount();
  } catch (error) {
    remove();
    throw error;
  }
  return {
    directory,
    remove,
    turnReadOnly: () =>
      writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "made for a test"),
    mountAgain() {
      command("umount", [directory]);
      mount();
    },
  };
}

function command(name: string, args: readonly string[]): string {
  return execFileSync(name, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
}
