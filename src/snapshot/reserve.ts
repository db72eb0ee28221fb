/**
 * Reserve: a file that takes space so that there is some left when the disk is full. Removing something needs a few pages of the
 * catalog's log, and even looking at the catalog needs its index.
 */
import { randomBytes } from "node:crypto";
import type { Disk } from "../disk/disk.js";
import { CoppiceError } from "../model/error.js";
import type { Engine } from "./engine.js";

const PATH = "reserve";
/** The catalog's shared memory (32 KiB), and some fifty pages of its log. */
const RESERVE_BYTES = 256 * 1024;

/** Makes the reserve where it is missing and there is room. */
export function keepReserve(disk: Disk): void {
  if (disk.stampOf(PATH) !== undefined) return;
  try {
    // Random, or a file system that compresses would keep no room for it.
    disk.replace(PATH, [randomBytes(RESERVE_BYTES)]);
  } catch {
    // There is none to keep: whoever needs it is told that the disk is full.
  }
}

/**
 * Does something at once that frees space; once more with the reserve, where the disk is full.
 *
 * @throws {CoppiceError} DISK_FULL where that is not enough either
 */
export function withReserve<T>({ disk }: Pick<Engine, "disk">, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!isDiskFull(error) || !spendReserve(disk)) throw error;
    return action();
  }
}

/** Frees the reserve; returns whether there was one. */
export function spendReserve(disk: Disk): boolean {
  if (disk.stampOf(PATH) === undefined) return false;
  disk.remove(PATH);
  return true;
}

/** Whether an error says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof CoppiceError && error.code === "DISK_FULL";
}
