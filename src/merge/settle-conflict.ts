/**
 * Settle conflict: what becomes of a path once it is said which side counts there.
 */
import type { Entry, FileEntry } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import { encodeEntry } from "../tree/entry-codec.js";
import { laterTime, mergeAttributes, mergeEntries } from "../tree/merge-entries.js";
import type { MergeSides } from "../tree/tree-conflict.js";
import type { TreeEdits } from "../tree/tree-edits.js";
import type { FoundConflict, MergedBytes, MergeResolution, MergeSide } from "./merge-conflict.js";

/** What settling a conflict works with. */
export interface Settling {
  readonly sides: MergeSides;
  /** What becomes of ours, in which it stays as it is until then. */
  readonly edits: TreeEdits;
  /** Stores a file's bytes. */
  store(bytes: Uint8Array): Pick<FileEntry, "content" | "sizeBytes">;
}

/**
 * Has a conflict become what was said.
 *
 * @param resolution no `union`: of texts that is their lines, of all else a side
 * @throws {CoppiceError} INVALID_ARGUMENT where bytes are given and no side has a file
 */
export function settleConflict(
  settling: Settling,
  conflict: FoundConflict,
  resolution: Exclude<MergeResolution, "union">,
): void {
  if (conflict.kind === "rename") settleRename(settling, conflict, resolution);
  else if (typeof resolution !== "string") settleBytes(settling, conflict, resolution.content);
  else if (isOfOneKind(conflict)) settleEntry(settling, conflict, resolution);
  else if (resolution !== "ours") putSide(settling, conflict.path, conflict, resolution);
}

/** Whether the aspects of an entry can be taken from different sides. */
function isOfOneKind({ kind }: FoundConflict): boolean {
  return kind === "content" || kind === "attributes";
}

/** What one side alone changed is taken from it; the rest is the side's that counts. */
function settleEntry({ edits, sides }: Settling, conflict: FoundConflict, side: MergeSide): void {
  const { path, base, ours, theirs, merged } = conflict;
  const settled = conflict[side];
  if (ours === undefined || theirs === undefined) throw new Error("Both sides have it");
  const isMadeByBoth = base === undefined || base.kind !== ours.kind;
  if (ours.kind === "directory") {
    const attributes = isMadeByBoth ? settled : mergeAttributes(base, ours, theirs, settled);
    setAttributes(edits, path, attributes ?? ours);
    return;
  }
  const entry = isMadeByBoth ? settled : mergeEntries(base, ours, theirs, true, settled);
  if (typeof entry === "string") throw new Error("Everything is settled");
  edits.put(path, entry && encodeEntry({ ...entry, ...merged } as Entry), sides.ours.entry);
}

/**
 * Has a file get other bytes.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT where no side has a file
 */
export function settleBytes(settling: Settling, conflict: FoundConflict, bytes: Uint8Array): void {
  const { path, base, ours, theirs } = conflict;
  const file = [ours, theirs].find((each) => each?.kind === "file");
  if (file === undefined) {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot merge ${path}: bytes are given for what is no file on either side, name a side`,
      { path: path.toString() },
    );
  }
  const isMerged = base !== undefined && ours?.kind === base.kind && theirs?.kind === base.kind;
  const attributes = isMerged ? mergeAttributes(base, ours, theirs, file) : undefined;
  const entry = { ...file, ...attributes, ...mergedBytes(settling, conflict, bytes) } as Entry;
  const like = ours === undefined ? settling.sides.theirs : settling.sides.ours;
  settling.edits.put(path, encodeEntry(entry), like.entry);
}

/** Stores bytes that neither side has: the later time of both tells best how old they are. */
export function mergedBytes(
  settling: Settling,
  { ours, theirs }: FoundConflict,
  bytes: Uint8Array,
): MergedBytes {
  const [first, second] = [ours ?? theirs, theirs ?? ours];
  if (first === undefined || second === undefined) throw new Error("A side has it");
  return { ...settling.store(bytes), ...laterTime(first, second) };
}

/** What a side has not is gone. */
function settleRename(settling: Settling, conflict: FoundConflict, resolution: unknown): void {
  const { edits, sides } = settling;
  const { path, renamed = {} } = conflict;
  if (resolution !== "ours" && resolution !== "theirs" && resolution !== "base") {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot merge ${path}: bytes are given for what was renamed, name a side`,
      { path: path.toString() },
    );
  }
  for (const side of ["ours", "theirs"] as const) {
    const at = renamed[side];
    if (at !== undefined && side !== resolution) edits.put(at, undefined, sides[side].entry);
  }
  if (resolution === "base") putSide(settling, path, conflict, "base");
}

function putSide(
  { edits, sides }: Settling,
  path: Buffer,
  conflict: FoundConflict,
  side: MergeSide,
): void {
  const entry = conflict[side];
  edits.put(path, entry && encodeEntry(entry), sides[side].entry);
}

function setAttributes(
  edits: TreeEdits,
  path: Buffer,
  { mode, uid, gid, xattrs }: Pick<Entry, "mode" | "uid" | "gid" | "xattrs">,
): void {
  const directory = edits.directoryAt(path);
  if (directory === undefined) throw new Error("A directory that both sides have is edited");
  const { same, changed, goesWhenEmpty } = directory.outcome;
  const own = { mode, uid, gid, xattrs };
  directory.outcome = {
    same: { ...same, ...own },
    changed: { ...changed, ...own },
    goesWhenEmpty,
  };
}
