/**
 * The system calls that node:fs lacks, or the reason why they cannot be had. Whoever needs one
 * asks here and reports the reason: nothing in this folder falls back in silence.
 */

import { type CloneRangeCalls, cloneRangeCalls } from "./clone-range.js";
import { type CopyOnWriteCalls, copyOnWriteCalls } from "./copy-on-write.js";
import { type ExtendedAttributeCalls, extendedAttributeCalls } from "./extended-attributes.js";
import { type FileHoleCalls, fileHoleCalls } from "./file-holes.js";
import { type FileStatusCalls, fileStatusCalls } from "./file-status.js";
import { type FileTimeCalls, fileTimeCalls } from "./file-times.js";
import { type MountCalls, mountCalls } from "./mounts.js";
import { loadNativeLibrary, type Unavailable } from "./native-library.js";
import { type OpenAtCalls, openAtCalls } from "./open-at.js";
import { type PunchHoleCalls, punchHoleCalls } from "./punch-hole.js";
import { type SpecialFileCalls, specialFileCalls } from "./special-files.js";
import { type WritebackCalls, writebackCalls } from "./writeback.js";

/** All calls, synchronous, each about 0.3 µs dearer than the system call it makes. */
export interface SystemCalls
  extends CloneRangeCalls,
    CopyOnWriteCalls,
    ExtendedAttributeCalls,
    FileHoleCalls,
    FileStatusCalls,
    FileTimeCalls,
    OpenAtCalls,
    MountCalls,
    PunchHoleCalls,
    SpecialFileCalls,
    WritebackCalls {}

let outcome: SystemCalls | Unavailable | undefined;

/**
 * Returns the system calls, or `{ unavailable }` with reason and remedy.
 *
 * Each thread loads them for itself, once, at the first call: see native-library for the cost.
 *
 * @example
 * const system = systemCalls();
 * if ("unavailable" in system) {
 *   console.log(`Extended attributes are left out: ${system.unavailable}`);
 * } else {
 *   console.log(system.readExtendedAttributes("/etc/hostname"));
 * }
 */
export function systemCalls(): SystemCalls | Unavailable {
  return (outcome ??= load());
}

function load(): SystemCalls | Unavailable {
  const library = loadNativeLibrary();
  if ("unavailable" in library) {
    return library;
  }
  try {
    return {
      ...cloneRangeCalls(library),
      ...copyOnWriteCalls(library),
      ...extendedAttributeCalls(library),
      ...fileHoleCalls(library),
      ...fileStatusCalls(library),
      ...fileTimeCalls(library),
      ...openAtCalls(library),
      ...mountCalls(library),
      ...punchHoleCalls(library),
      ...specialFileCalls(library),
      ...writebackCalls(library),
    };
  } catch (error) {
    return {
      unavailable: `the C library lacks a call (${(error as Error).message}), use a Node.js with a newer glibc or musl`,
    };
  }
}
