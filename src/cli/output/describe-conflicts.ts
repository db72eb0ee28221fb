/**
 * Describe conflicts: what was in the way of applying a workspace, for people.
 */
import type { ApplyConflict } from "../../index.js";
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
} as const satisfies Record<ApplyConflict["kind"], string>;

/** Returns the lines that tell what is left as it is in the target; none where there is nothing. */
export function describeConflicts(conflicts: readonly ApplyConflict[], style: Style): string[] {
  if (conflicts.length === 0) return [];
  const rows = conflicts.map((conflict) => [
    style(["red", "bold"], "!"),
    style("red", conflict.path === "" ? "./" : reportedText(conflict)),
    style("dim", REASONS[conflict.kind]),
  ]);
  return [
    "",
    ...formatTable(rows),
    "",
    `${countOf(conflicts.length, "conflict")}, left as they are`,
  ];
}
