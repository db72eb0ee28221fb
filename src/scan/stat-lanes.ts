/**
 * Stat lanes: what of a file's status tells whether it is still the file that was read, as eight
 * 64-bit numbers. Equal lanes mean: not touched since.
 *
 * | lane | what |
 * | ---: | --- |
 * | 0 | device |
 * | 1 | inode |
 * | 2 | size in bytes |
 * | 3 | mtime in nanoseconds |
 * | 4 | ctime in nanoseconds; 0 where it must not be trusted |
 * | 5 | mode with the file type |
 * | 6 | owner |
 * | 7 | group |
 *
 * mtime and size alone are not enough: package managers give every file the same mtime, and any
 * program may set it. ctime is the kernel's own.
 */
import type { BigIntStats } from "node:fs";

export const LANES = 8;
export const LANES_BYTES = LANES * 8;
const CTIME_LANE = 4;

/** How far back of a capture's start a change may lie and still share its clock tick (Linux: at most 10 ms). */
const TICK_NS = 50_000_000n;
/** The same on a file system that keeps whole seconds or, as FAT, every second one. */
const COARSE_TICK_NS = 2_000_000_000n;

/** Writes the lanes of a status. */
export function setLanes(lanes: BigInt64Array, at: number, stat: BigIntStats): void {
  lanes[at] = stat.dev;
  lanes[at + 1] = stat.ino;
  lanes[at + 2] = stat.size;
  lanes[at + 3] = stat.mtimeNs;
  lanes[at + CTIME_LANE] = stat.ctimeNs;
  lanes[at + 5] = stat.mode;
  lanes[at + 6] = stat.uid;
  lanes[at + 7] = stat.gid;
}

/** Returns whether the lanes are those of a status. */
export function lanesMatch(lanes: BigInt64Array, at: number, stat: BigIntStats): boolean {
  return (
    lanes[at + CTIME_LANE] === stat.ctimeNs &&
    lanes[at + 1] === stat.ino &&
    lanes[at + 3] === stat.mtimeNs &&
    lanes[at + 2] === stat.size &&
    lanes[at + 5] === stat.mode &&
    lanes[at] === stat.dev &&
    lanes[at + 6] === stat.uid &&
    lanes[at + 7] === stat.gid
  );
}

/** Returns whether two lanes are equal. */
export function lanesEqual(a: BigInt64Array, aAt: number, b: BigInt64Array, bAt: number): boolean {
  for (let lane = 0; lane < LANES; lane++) if (a[aAt + lane] !== b[bAt + lane]) return false;
  return true;
}

/**
 * Distrusts lanes whose file changed so shortly before it was looked at that a further change could
 * have left the same times ("racily clean", as git calls it): they will not match again.
 *
 * @param sinceNs when the capture began, nanoseconds since 1970
 */
export function distrustRecent(lanes: BigInt64Array, at: number, sinceNs: bigint): void {
  const ctimeNs = lanes[at + CTIME_LANE] as bigint;
  const tickNs = ctimeNs % 1_000_000_000n === 0n ? COARSE_TICK_NS : TICK_NS;
  if (ctimeNs + tickNs >= sinceNs) lanes[at + CTIME_LANE] = 0n;
}

/** Makes lanes match nothing. */
export function distrust(lanes: BigInt64Array, at: number): void {
  lanes[at + CTIME_LANE] = 0n;
}
