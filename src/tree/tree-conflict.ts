/**
 * Tree conflict: where two sides of a merge changed the same thing.
 */
import type { Entry } from "../model/entry.js";
import type { Root } from "./root.js";

/** The three trees of a merge. */
export interface MergeSides {
  /** What both others started from. */
  readonly base: Root;
  /** What is changed. */
  readonly ours: Root;
  /** What the changes come from. */
  readonly theirs: Root;
}

/** How both sides are in each other's way. */
export type TreeConflictKind =
  /** Both changed what it holds. */
  | "content"
  /** Both set its mode, owner or extended attributes. */
  | "attributes"
  /** One made it another kind of entry, and the other changed it. */
  | "type"
  /** Both added it, and it is not the same. */
  | "added"
  /** Ours removed it, or the directory that it is in, and theirs changed or added it. */
  | "deleted-in-ours"
  /** Theirs removed it, or the directory that it is in, and ours changed or added it. */
  | "deleted-in-theirs";

/** A path at which ours stays as it is, though theirs changed it too. */
export interface TreeConflict {
  /** Relative to the root; empty for the root itself. */
  readonly path: Buffer;
  readonly kind: TreeConflictKind;
  readonly base: Entry | undefined;
  readonly ours: Entry | undefined;
  readonly theirs: Entry | undefined;
}
