/**
 * Directory draft: a seen directory in the making, and what makes its tree of the one before.
 */
import { identityOf, LANES } from "../../scan/stat-lanes.js";
import type { Listing, SeenDirectory } from "./seen-directory.js";

/** What is now in a directory that was opened. */
export interface Draft {
  readonly entryLanes: Uint32Array;
  readonly records: (Buffer | undefined)[];
  readonly children: Map<number, SeenDirectory>;
  readonly linked: Map<number, string>;
}

export function emptyDraft(count: number): Draft {
  return {
    entryLanes: new Uint32Array(count * LANES),
    records: new Array<Buffer | undefined>(count).fill(undefined),
    children: new Map(),
    linked: new Map(),
  };
}

export function copyOf({ entryLanes, records, children, linked }: SeenDirectory): Draft {
  return {
    entryLanes: entryLanes.slice(),
    records: [...records],
    children: new Map(children),
    linked: new Map(linked),
  };
}

export function addChild(draft: Draft, position: number, child: SeenDirectory): void {
  draft.entryLanes.set(child.lanes, position * LANES);
  draft.records[position] = child.record;
  draft.children.set(position, child);
}

/** Whether files that have several names are in a directory or below it. */
export function hasLinked({ linked, children }: Pick<Draft, "linked" | "children">): boolean {
  if (linked.size > 0) return true;
  for (const child of children.values()) if (child.hasLinked) return true;
  return false;
}

/** Whether a directory is the one seen before, and shows the same directory below (U2). */
export function showsSame(before: SeenDirectory, identity: string, { notes }: Listing): boolean {
  const { isOpaque, redirect } = before.listing.notes;
  return (
    identityOf(before.lanes, 0) === identity &&
    isOpaque === notes.isOpaque &&
    (redirect === notes.redirect ||
      (redirect !== undefined && notes.redirect?.equals(redirect) === true))
  );
}

/**
 * Returns what makes a directory's tree of the one seen before; without one, of the one below.
 *
 * @param recordBelow what a name shows that the upper layer no longer has
 */
export function editsOf(
  before: SeenDirectory | undefined,
  listing: Listing,
  records: readonly (Buffer | undefined)[],
  recordBelow: (name: string) => Buffer | undefined,
): Map<string, Buffer | undefined> {
  const edits = new Map<string, Buffer | undefined>();
  for (const [position, key] of listing.keys.entries()) {
    const record = records[position];
    const at = positionIn(before, listing, position);
    const isSame =
      before !== undefined &&
      at !== undefined &&
      (record === before.records[at] ||
        (record !== undefined && before.records[at]?.equals(record) === true));
    if (!isSame) edits.set(key, record);
  }
  if (before !== undefined && before.listing !== listing) {
    for (const key of before.listing.keys)
      if (listing.positionOf(key) === undefined) edits.set(key, recordBelow(key));
  }
  return edits;
}

/** Returns where a name stood before. */
export function positionIn(
  before: SeenDirectory | undefined,
  listing: Listing,
  position: number,
): number | undefined {
  if (before?.listing === listing) return position;
  return before?.listing.positionOf(listing.keys[position] as string);
}
