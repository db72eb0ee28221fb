/**
 * Changed records: what one side changed in a directory, beside what the other one has there.
 */
import { recordName } from "./entry-codec.js";
import type { ObjectSource } from "./tree-reader.js";
import { differingRecords } from "./tree-reader.js";

/** The records of one name in three trees; `undefined` where there is none. */
export interface ThreeRecords {
  readonly base: Buffer | undefined;
  readonly ours: Buffer | undefined;
  readonly theirs: Buffer | undefined;
}

/**
 * Yields the names of which `theirs` has another record than `base`, in order.
 *
 * Costs what both sides changed in this directory: `ours` is not looked up but walked beside.
 *
 * @param base tree of the directory; `undefined` where there was none, as for the others
 */
export function* changedRecords(
  objects: ObjectSource,
  base: Buffer | undefined,
  ours: Buffer | undefined,
  theirs: Buffer | undefined,
): Generator<ThreeRecords> {
  const own = differingRecords(objects, base, ours);
  let next = own.next();
  for (const [before, after] of differingRecords(objects, base, theirs)) {
    const name = nameOf(before, after);
    let order = -1;
    while (next.done !== true) {
      order = nameOf(...next.value).compare(name);
      if (order >= 0) break;
      next = own.next();
    }
    // Where ours is not told to differ, it has what the base has.
    const isOurs = next.done !== true && order === 0;
    yield { base: before, ours: isOurs ? next.value[1] : before, theirs: after };
  }
}

function nameOf(a: Buffer | undefined, b: Buffer | undefined): Buffer {
  return recordName((a ?? b) as Buffer);
}
