/**
 * Describe conflicts: what was in the way of applying a workspace, or of a merge, for people.
 */
import type { ApplyConflict, MergeConflict } from "../../index.js";
import { countOf } from "./count-of.js";
import { reportedText } from "./escape-path.js";
import { formatTable } from "./format-table.js";
import type { Style } from "./style.js";

const REASONS = {
  content: "both changed it",
  attributes: "both set its mode, owner or extended attributes",
  type: "one made it something else, and the other changed it",
  added: "both added it",
  "deleted-in-target": "removed in the directory, changed in the workspace",
  "deleted-in-workspace": "removed in the workspace, changed in the directory",
  "deleted-in-ours": "removed in ours, changed in theirs",
  "deleted-in-theirs": "removed in theirs, changed in ours",
  rename: "one renamed it, and the other removed it or renamed it too",
} as const satisfies Record<(ApplyConflict | MergeConflict)["kind"], string>;

/**
 * Returns the lines that tell what is in conflict; none where nothing is.
 *
 * @param state what became of it
 */
export function describeConflicts(
  conflicts: readonly (ApplyConflict | MergeConflict)[],
  style: Style,
  state: string,
): string[] {
  if (conflicts.length === 0) return [];
  const rows = conflicts.map((conflict) => [
    style(["red", "bold"], "!"),
    style("red", conflict.path === "" ? "./" : reportedText(conflict)),
    style("dim", REASONS[conflict.kind]),
  ]);
  return ["", ...formatTable(rows), "", `${countOf(conflicts.length, "conflict")}, ${state}`];
}
