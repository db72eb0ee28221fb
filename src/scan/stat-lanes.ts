/**
 * Stat lanes: what of a file's status tells whether it is still the file that was read, as sixteen
 * 32-bit words. Equal lanes mean: not touched since.
 *
 * | word | what |
 * | ---: | --- |
 * | 0, 1 | device: major, minor |
 * | 2, 3 | inode |
 * | 4, 5 | size in bytes |
 * | 6, 7 | mtime: seconds |
 * | 8, 9 | ctime: seconds |
 * | 10, 11 | nanoseconds of mtime, of ctime |
 * | 12 | mode with the file type |
 * | 13, 14 | owner, group |
 * | 15 | 1 where the lanes must not be trusted, else 0 |
 *
 * 64-bit numbers have their low word first. mtime and size alone are not enough: package managers give
 * every file the same mtime, and any program may set it. ctime is the kernel's own.
 */
import { STATX, STATX_WORDS } from "../system/file-status.js";

export const LANES = 16;
export const LANES_BYTES = LANES * 4;

/** For each lane but the last one, the word of a `struct statx` that it holds; of the mode half a word. */
const STATX_WORD_OF = Uint8Array.of(
  STATX.devMajor,
  STATX.devMinor,
  STATX.ino,
  STATX.ino + 1,
  STATX.size,
  STATX.size + 1,
  STATX.mtimeSeconds,
  STATX.mtimeSeconds + 1,
  STATX.ctimeSeconds,
  STATX.ctimeSeconds + 1,
  STATX.mtimeNanoseconds,
  STATX.ctimeNanoseconds,
  STATX.mode,
  STATX.uid,
  STATX.gid,
);
/** The mode with the file type. */
export const MODE_LANE = 12;
const TRUST_LANE = 15;

/** How far back of a capture's start a change may lie and still share its clock tick (Linux: at most 10 ms). */
const TICK_MS = 50;
/** The same on a file system that keeps whole seconds or, as FAT, every second one. */
const COARSE_TICK_MS = 2_000;

/** Returns whether the lanes are those of a status as statx(2) gave it. */
export function lanesMatchStatx(
  lanes: Uint32Array,
  at: number,
  words: Uint32Array,
  slot: number,
): boolean {
  const base = slot * STATX_WORDS;
  if (lanes[at + TRUST_LANE] !== 0) return false;
  for (let lane = 0; lane < TRUST_LANE; lane++) {
    const word = words[base + (STATX_WORD_OF[lane] as number)] as number;
    if (lanes[at + lane] !== (lane === MODE_LANE ? word & 0xffff : word)) return false;
  }
  return true;
}

/** Writes the lanes of a status as statx(2) gave it. */
export function setLanesFromStatx(
  lanes: Uint32Array,
  at: number,
  words: Uint32Array,
  slot: number,
): void {
  const base = slot * STATX_WORDS;
  for (let lane = 0; lane < TRUST_LANE; lane++)
    lanes[at + lane] = words[base + (STATX_WORD_OF[lane] as number)] as number;
  lanes[at + MODE_LANE] = (lanes[at + MODE_LANE] as number) & 0xffff;
  lanes[at + TRUST_LANE] = 0;
}

/** Returns whether two lanes are equal, and trusted. */
export function lanesEqual(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): boolean {
  if (a[aAt + TRUST_LANE] !== 0) return false;
  for (let lane = 0; lane < LANES; lane++) if (a[aAt + lane] !== b[bAt + lane]) return false;
  return true;
}

/** Returns whether two lanes are of one file system. */
export function sameDevice(a: Uint32Array, at: number, b: Uint32Array, bAt: number): boolean {
  return a[at] === b[bAt] && a[at + 1] === b[bAt + 1];
}

/** Returns device and inode as text: what tells one file from another. */
export function identityOf(lanes: Uint32Array, at: number): string {
  return `${lanes[at]}:${lanes[at + 1]}:${lanes[at + 3]}:${lanes[at + 2]}`;
}

/** Returns the size in bytes. */
export function sizeOf(lanes: Uint32Array, at: number): number {
  return (lanes[at + 4] as number) + (lanes[at + 5] as number) * 0x1_0000_0000;
}

/** Returns when the file last changed, in milliseconds since 1970. */
export function changeTimeMs(lanes: Uint32Array, at: number): number {
  const seconds = (lanes[at + 8] as number) + (lanes[at + 9] as number) * 0x1_0000_0000;
  return seconds * 1000 + (lanes[at + 11] as number) / 1e6;
}

/**
 * Distrusts lanes whose file changed so shortly before it was looked at that a further change could
 * have left the same times ("racily clean", as git calls it).
 *
 * @param sinceMs when the capture began, milliseconds since 1970
 */
export function distrustRecent(lanes: Uint32Array, at: number, sinceMs: number): void {
  const tickMs = lanes[at + 11] === 0 ? COARSE_TICK_MS : TICK_MS;
  if (changeTimeMs(lanes, at) + tickMs >= sinceMs) distrust(lanes, at);
}

/** Makes lanes match nothing. */
export function distrust(lanes: Uint32Array, at: number): void {
  lanes[at + TRUST_LANE] = 1;
}
