/**
 * Apply conflict: a path that the workspace and the target both changed.
 */
import { CoppiceError } from "../../model/error.js";
import type { ReportedPath } from "../../model/reported-path.js";
import { reportedPath } from "../../model/reported-path.js";
import type { EntryInfo } from "../../snapshot/entry-info.js";
import { entryInfo } from "../../snapshot/entry-info.js";
import type { TreeConflict, TreeConflictKind } from "../../tree/tree-conflict.js";

/** How workspace and target are in each other's way. */
export type ApplyConflictKind =
  /** Both changed what a file holds, or where a link leads. */
  | "content"
  /** Both set mode, owner or extended attributes, in different ways. */
  | "attributes"
  /** One made it another kind of entry, and the other changed it. */
  | "type"
  /** Both added it, and it is not the same. */
  | "added"
  /** The target removed it, or the directory that it is in; the workspace changed or added it. */
  | "deleted-in-target"
  /** The workspace removed it, or the directory that it is in; the target changed or added it. */
  | "deleted-in-workspace";

/** A path that the workspace and the target both changed; the target's is left as it is. */
export interface ApplyConflict extends ReportedPath {
  /** Relative to the target; empty for itself. Bytes that are not UTF-8 show as U+FFFD. */
  readonly path: string;
  /** How they are in each other's way. */
  readonly kind: ApplyConflictKind;
  /** What both started from; absent where there was nothing. */
  readonly base?: EntryInfo;
  /** What the target has; absent where it has nothing, or something that no snapshot keeps. */
  readonly target?: EntryInfo;
  /** What the workspace has; absent where it has nothing. */
  readonly workspace?: EntryInfo;
}

/** Paths in the message; the error has all of them. */
const PATHS_TOLD = 5;

/** What is to be written was changed there too. Nothing was written. */
export class ConflictError extends CoppiceError {
  /** All of them, sorted by path. */
  readonly conflicts: readonly ApplyConflict[];

  /** @internal */
  constructor(target: string, conflicts: readonly ApplyConflict[]) {
    const told = conflicts
      .slice(0, PATHS_TOLD)
      .map(({ path, kind }) => `${path === "" ? "the directory itself" : path} (${kind})`);
    const rest = conflicts.length > PATHS_TOLD ? ` and ${conflicts.length - PATHS_TOLD} more` : "";
    const paths = conflicts.length === 1 ? "1 path was" : `${conflicts.length} paths were`;
    super(
      "CONFLICT",
      `Cannot apply to ${target}: ${paths} changed there too: ${told.join(", ")}${rest}; settle them there and apply again, or leave them as they are there with onConflict "skip"`,
      { path: target },
    );
    this.conflicts = conflicts;
  }
}

const KINDS: Readonly<Record<TreeConflictKind, ApplyConflictKind>> = {
  content: "content",
  attributes: "attributes",
  type: "type",
  added: "added",
  "deleted-in-ours": "deleted-in-target",
  "deleted-in-theirs": "deleted-in-workspace",
};

/** Returns what callers see of a conflict. */
export function applyConflict({ path, kind, base, ours, theirs }: TreeConflict): ApplyConflict {
  return {
    ...reportedPath(path),
    kind: KINDS[kind],
    ...(base && { base: entryInfo(base, path) }),
    ...(ours && { target: entryInfo(ours, path) }),
    ...(theirs && { workspace: entryInfo(theirs, path) }),
  };
}
