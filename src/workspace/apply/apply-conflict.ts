/**
 * Apply conflict: a path that the workspace and the target both changed.
 */
import { ConflictError } from "../../model/conflict-error.js";
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

/** Returns the error for what is to be written and was changed there too. */
export function applyConflictError(
  target: string,
  conflicts: readonly ApplyConflict[],
): ConflictError<ApplyConflict> {
  return new ConflictError(
    {
      action: `apply to ${target}`,
      what: "changed there too",
      remedy:
        'settle them there and apply again, or leave them as they are there with onConflict "skip" (--skip-conflicts)',
    },
    conflicts,
    target,
  );
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
