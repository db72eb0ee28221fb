/**
 * Merge entries: one name that both sides changed, aspect by aspect. What one side alone changed is taken
 * from it, so that a file whose text one side edited and whose mode the other one set gets both.
 */
import type { DirectoryEntry, Entry, EntryAttributes } from "../model/entry.js";
import { sameContent, sameXattrs } from "./entry-difference.js";

/** A moment, as entries keep it. */
export type EntryTime = Pick<EntryAttributes, "mtimeSeconds" | "mtimeNanoseconds">;

/** What a merge comes to: an entry, or what both sides changed in different ways. */
export type MergedEntry = Entry | "content" | "attributes";

/**
 * Returns what becomes of an entry that is of one kind on all sides, and no directory.
 *
 * Times are never in the way: where both sides moved them, those of the side that the content comes from are kept.
 */
export function mergeEntries(base: Entry, ours: Entry, theirs: Entry): MergedEntry {
  const content = sideOf(base, ours, theirs, sameContent);
  if (content === undefined) return "content";
  const attributes = mergeAttributes(base, ours, theirs);
  if (attributes === undefined) return "attributes";
  const { mtimeSeconds, mtimeNanoseconds } = sideOf(base, ours, theirs, sameTime) ?? content;
  return { ...content, ...attributes, mtimeSeconds, mtimeNanoseconds };
}

/** What a directory becomes. */
export interface MergedDirectory {
  /** Where nothing in it becomes other than ours. */
  readonly same: DirectoryEntry;
  /** Where something does. */
  readonly changed: DirectoryEntry;
  /** Whether both sides set its mode, owner or extended attributes, in different ways; ours are kept. */
  readonly isConflict: boolean;
}

/**
 * Returns what becomes of a directory's own attributes.
 *
 * One that both sides made keeps ours: two ways of making it are no work to lose. Its time follows the side that
 * changed it; where both did, it is the time of the merge, since neither knew these names together.
 */
export function mergeDirectories(
  base: DirectoryEntry | undefined,
  ours: DirectoryEntry,
  theirs: DirectoryEntry,
  mergedAt: EntryTime,
): MergedDirectory {
  const attributes = base === undefined ? ours : mergeAttributes(base, ours, theirs);
  const { mode, uid, gid, xattrs } = attributes ?? ours;
  const entry = { ...ours, mode, uid, gid, xattrs };
  const isTheirTime = base !== undefined && sameTime(ours, base);
  const isTouched = base !== undefined && theirs.tree.equals(base.tree);
  const bothMoved = base === undefined || !sameTime(theirs, base);
  return {
    same: { ...entry, ...timeOf(isTheirTime && isTouched ? theirs : ours) },
    changed: { ...entry, ...timeOf(isTheirTime ? theirs : bothMoved ? mergedAt : ours) },
    isConflict: attributes === undefined,
  };
}

type Attributes = Pick<EntryAttributes, "mode" | "uid" | "gid" | "xattrs">;

function mergeAttributes(base: Entry, ours: Entry, theirs: Entry): Attributes | undefined {
  const mode = sideOf(base, ours, theirs, (a, b) => a.mode === b.mode);
  const owner = sideOf(base, ours, theirs, (a, b) => a.uid === b.uid && a.gid === b.gid);
  const others = sideOf(base, ours, theirs, (a, b) => sameXattrs(a.xattrs, b.xattrs));
  if (mode === undefined || owner === undefined || others === undefined) return undefined;
  return { mode: mode.mode, uid: owner.uid, gid: owner.gid, xattrs: others.xattrs };
}

/** Returns the side whose value counts, or `undefined` where both changed it in different ways. */
function sideOf(
  base: Entry,
  ours: Entry,
  theirs: Entry,
  isSame: (a: Entry, b: Entry) => boolean,
): Entry | undefined {
  if (isSame(ours, theirs) || isSame(theirs, base)) return ours;
  return isSame(ours, base) ? theirs : undefined;
}

function sameTime(a: EntryTime, b: EntryTime): boolean {
  return a.mtimeSeconds === b.mtimeSeconds && a.mtimeNanoseconds === b.mtimeNanoseconds;
}

function timeOf({ mtimeSeconds, mtimeNanoseconds }: EntryTime): EntryTime {
  return { mtimeSeconds, mtimeNanoseconds };
}
