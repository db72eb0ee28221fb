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
 *
 * @param isEven whether the later time counts where the content says nothing; else that of ours
 * @param settled the side that counts where both changed something in different ways
 */
export function mergeEntries(
  base: Entry,
  ours: Entry,
  theirs: Entry,
  isEven: boolean,
  settled?: Entry,
): MergedEntry {
  const content = sideOf(base, ours, theirs, sameContent) ?? settled;
  if (content === undefined) return "content";
  const attributes = mergeAttributes(base, ours, theirs, settled);
  if (attributes === undefined) return "attributes";
  const isNeithers = isEven && sameContent(ours, theirs);
  const time =
    sideOf(base, ours, theirs, sameTime) ?? (isNeithers ? laterTime(ours, theirs) : content);
  return { ...content, ...attributes, ...timeOf(time) };
}

/** Returns what becomes of an entry that both sides made alike: the later time; `undefined` where their attributes differ. */
export function mergeEqual(ours: Entry, theirs: Entry): Entry | undefined {
  if (!sameAttributes(ours, theirs)) return undefined;
  return { ...ours, ...laterTime(ours, theirs) };
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
 *
 * @param mergedAt `undefined` where no side comes before the other: then the later time counts, and one that both
 * made in different ways is a conflict
 */
export function mergeDirectories(
  base: DirectoryEntry | undefined,
  ours: DirectoryEntry,
  theirs: DirectoryEntry,
  mergedAt: EntryTime | undefined,
): MergedDirectory {
  if (mergedAt === undefined) return mergeEvenly(base, ours, theirs);
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

function mergeEvenly(
  base: DirectoryEntry | undefined,
  ours: DirectoryEntry,
  theirs: DirectoryEntry,
): MergedDirectory {
  const both = sameAttributes(ours, theirs) ? ours : undefined;
  const attributes = base === undefined ? both : mergeAttributes(base, ours, theirs);
  const { mode, uid, gid, xattrs } = attributes ?? ours;
  const time = base === undefined ? undefined : sideOf(base, ours, theirs, sameTime);
  const entry = {
    ...{ ...ours, mode, uid, gid, xattrs },
    ...timeOf(time ?? laterTime(ours, theirs)),
  };
  return { same: entry, changed: entry, isConflict: attributes === undefined };
}

/** What of an entry is merged beside its content and its time. */
export type Attributes = Pick<EntryAttributes, "mode" | "uid" | "gid" | "xattrs">;

/**
 * Returns the attributes that come of two sides, each for itself.
 *
 * @param settled whose value counts where both changed one in different ways; `undefined` where that is a conflict
 */
export function mergeAttributes(
  base: Entry,
  ours: Entry,
  theirs: Entry,
  settled?: Entry,
): Attributes | undefined {
  const mode = sideOf(base, ours, theirs, sameMode) ?? settled;
  const owner = sideOf(base, ours, theirs, sameOwner) ?? settled;
  const others = sideOf(base, ours, theirs, sameOthers) ?? settled;
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

function sameMode(a: Attributes, b: Attributes): boolean {
  return a.mode === b.mode;
}

function sameOwner(a: Attributes, b: Attributes): boolean {
  return a.uid === b.uid && a.gid === b.gid;
}

function sameOthers(a: Attributes, b: Attributes): boolean {
  return sameXattrs(a.xattrs, b.xattrs);
}

function sameAttributes(a: Attributes, b: Attributes): boolean {
  return sameMode(a, b) && sameOwner(a, b) && sameOthers(a, b);
}

/** Returns the later of two times. */
export function laterTime(a: EntryTime, b: EntryTime): EntryTime {
  const order = a.mtimeSeconds - b.mtimeSeconds || a.mtimeNanoseconds - b.mtimeNanoseconds;
  return timeOf(order < 0 ? b : a);
}

function sameTime(a: EntryTime, b: EntryTime): boolean {
  return a.mtimeSeconds === b.mtimeSeconds && a.mtimeNanoseconds === b.mtimeNanoseconds;
}

function timeOf({ mtimeSeconds, mtimeNanoseconds }: EntryTime): EntryTime {
  return { mtimeSeconds, mtimeNanoseconds };
}
