/**
 * Probe times: whether a file's times tell each change of it that comes after a look at it.
 *
 * Times come from the last clock tick, so that two changes within one may look the same. From Linux 6.13 on ext4, XFS,
 * btrfs and tmpfs take a finer time for the first change after a look (Documentation/filesystems/multigrain-ts.rst).
 */
import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../snapshot/engine.js";

/** Changes to try, some ten microseconds each: ticks, of a millisecond at least, do not fall between all of them. */
const TRIES = 32;

const found = new WeakMap<Pick<Engine, "directory">, boolean>();

/** Returns whether it is so in a store's directory. The first time costs half a millisecond, and a file that is removed again. */
export function tellsEachChange(engine: Pick<Engine, "directory">): boolean {
  let tells = found.get(engine);
  if (tells === undefined) found.set(engine, (tells = probe(engine.directory)));
  return tells;
}

function probe(directory: string): boolean {
  const path = join(directory, `.coppice-probe-${randomBytes(8).toString("hex")}`);
  try {
    const descriptor = openSync(path, "wx", 0o600);
    try {
      let last = timeOf(descriptor);
      for (let tries = 0; tries < TRIES; tries++) {
        writeSync(descriptor, "x", 0);
        const now = timeOf(descriptor);
        if (now === last) return false;
        last = now;
      }
      return true;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // What cannot be tried is not relied on.
    return false;
  } finally {
    rmSync(path, { force: true });
  }
}

function timeOf(descriptor: number): bigint {
  return fstatSync(descriptor, { bigint: true }).ctimeNs;
}
