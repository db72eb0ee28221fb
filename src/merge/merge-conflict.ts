/**
 * Merge conflict: a path that both sides of a merge changed, as callers see it.
 */
import { isUtf8 } from "node:buffer";
import type { PathConflict } from "../model/conflict-error.js";
import type { Entry, FileEntry } from "../model/entry.js";
import { reportedPath } from "../model/reported-path.js";
import type { EntryInfo } from "../snapshot/entry-info.js";
import { entryInfo } from "../snapshot/entry-info.js";
import { readContent } from "../tree/content-reader.js";
import type { EntryTime } from "../tree/merge-entries.js";
import type { TreeConflict } from "../tree/tree-conflict.js";
import type { ObjectSource } from "../tree/tree-reader.js";

/** Larger files are no texts: nobody writes them by hand. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

/** How two sides are in each other's way. */
export type MergeConflictKind =
  /** Both changed what a file holds, in the same lines or in no text, or where a link leads. */
  | "content"
  /** Both set mode, owner or extended attributes, in different ways. */
  | "attributes"
  /** One made it another kind of entry, and the other changed it. */
  | "type"
  /** Both added it, and it is not the same. */
  | "added"
  /** Ours removed it, or the directory that it is in; theirs changed or added it. */
  | "deleted-in-ours"
  /** Theirs removed it, or the directory that it is in; ours changed or added it. */
  | "deleted-in-theirs"
  /** One renamed it, and the other removed it or renamed it to something else. */
  | "rename";

/** One side of a merge, or what both started from. */
export type MergeSide = "base" | "ours" | "theirs";

/** A path that both sides changed. */
export interface MergeConflict extends PathConflict {
  /**
   * Relative to the root; empty for itself. Bytes that are not UTF-8 show as U+FFFD. Of what one side renamed and the other
   * changed, the new one; of a `rename`, the one that it had in the base.
   */
  readonly path: string;
  /** How they are in each other's way. */
  readonly kind: MergeConflictKind;
  /** What both started from; absent where there was nothing. */
  readonly base?: EntryInfo;
  /** What ours has; absent where it has nothing. Of a `rename`, where ours has it now. */
  readonly ours?: EntryInfo;
  /** What theirs has, in the same way. */
  readonly theirs?: EntryInfo;
  /**
   * Returns the bytes of the file on a side, `undefined` where it has none there. The store must be open.
   *
   * @throws {CoppiceError} CORRUPT, STORE_CLOSED, IO
   */
  read(side: MergeSide): Promise<Buffer | undefined>;
}

/** What becomes of a conflict: a side's version, the lines of both, or other bytes. */
export type MergeResolution =
  | MergeSide
  | "union"
  | {
      /** The file's new bytes. */
      readonly content: Uint8Array;
    };

/** A conflict with where its sides lie. */
export interface FoundConflict extends Omit<TreeConflict, "kind"> {
  readonly kind: MergeConflictKind;
  /** Of a rename: where a side has it now. */
  readonly renamed?: { readonly ours?: Buffer; readonly theirs?: Buffer };
  /** What the lines of both sides make, where only the attributes are in conflict yet. */
  readonly merged?: MergedBytes;
}

/** A file's new bytes, and how old they are. */
export type MergedBytes = Pick<FileEntry, "content" | "sizeBytes"> & EntryTime;

/** Returns what callers see of a conflict. */
export function mergeConflict(objects: ObjectSource, found: FoundConflict): MergeConflict {
  const { path, kind, renamed } = found;
  const info = (side: MergeSide): { [key in MergeSide]?: EntryInfo } => {
    const entry = found[side];
    const at = (side === "base" ? undefined : renamed?.[side]) ?? path;
    return entry === undefined ? {} : { [side]: entryInfo(entry, at) };
  };
  const conflict = {
    ...reportedPath(path),
    kind,
    ...info("base"),
    ...info("ours"),
    ...info("theirs"),
  };
  // No member that is told when a conflict is printed or written as JSON.
  return Object.defineProperty(conflict as MergeConflict, "read", {
    value: async (side: MergeSide) => {
      const entry = found[side];
      return entry?.kind === "file" ? fileBytes(objects, entry) : undefined;
    },
  });
}

/** Returns the bytes of a file. */
function fileBytes(objects: ObjectSource, file: FileEntry): Buffer {
  return Buffer.concat([...readContent(objects, file.content, file.sizeBytes, 0, file.sizeBytes)]);
}

/** Returns the bytes of a text; of nothing, no bytes; `undefined` of what is no text. */
export function textOf(objects: ObjectSource, entry: Entry | undefined): Buffer | undefined {
  if (entry === undefined) return Buffer.alloc(0);
  if (entry.kind !== "file" || entry.sizeBytes > TEXT_BYTES_MAX) return undefined;
  const bytes = fileBytes(objects, entry);
  return !bytes.includes(0) && isUtf8(bytes) ? bytes : undefined;
}
