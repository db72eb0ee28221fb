/**
 * What a restore does to one directory. Plain values: steps go to the plan that people see, to the
 * thread that carries them out, and nowhere else.
 */
import type { DirectoryEntry, Entry } from "../model/entry.js";
import type { Aspect } from "../tree/entry-difference.js";

/** Something to do with one name; `record` is the entry as the tree holds it. */
export type NameStep =
  /** There is nothing of that name. */
  | { readonly action: "create"; readonly entry: Entry; readonly record: Buffer }
  /** Something else of that name, not a directory, is replaced in one step. */
  | { readonly action: "replace"; readonly entry: Entry; readonly record: Buffer }
  /** The content is right; attributes are set. */
  | { readonly action: "update"; readonly entry: Entry; readonly aspects: readonly Aspect[] }
  /** With everything below it. */
  | { readonly action: "remove"; readonly entry: Entry }
  /** Becomes another name of a file that stands or is restored elsewhere. */
  | { readonly action: "link"; readonly entry: Entry; readonly target: Buffer };

/** What is done in one directory, in this order. */
export interface DirectoryStep {
  /** From the root down. */
  readonly names: readonly Buffer[];
  /** Whether the directory itself is made first. */
  readonly isNew: boolean;
  readonly steps: readonly NameStep[];
  /** The attributes to set when all is done, below it as well; absent where it is not touched. */
  readonly attributes: DirectoryEntry | undefined;
}
