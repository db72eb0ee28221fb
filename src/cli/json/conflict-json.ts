import type { ApplyConflict, EntryInfo, MergeConflict } from "../../index.js";
import { entryJson } from "./entry-json.js";
import { pathJson } from "./path-json.js";

/** Who may have something at the path of a conflict. */
const SIDES = ["base", "target", "workspace", "ours", "theirs"] as const;

/** Returns what JSON tells of a conflict, with what each side has where it has something. */
export function conflictJson(conflict: ApplyConflict | MergeConflict) {
  const sides: { readonly [side in (typeof SIDES)[number]]?: EntryInfo } = conflict;
  const { path, pathBytes, kind } = conflict;
  return {
    ...pathJson({ path, ...(pathBytes && { pathBytes }), kind }),
    ...Object.fromEntries(
      SIDES.flatMap((side) => {
        const entry = sides[side];
        return entry === undefined ? [] : [[side, entryJson(entry)]];
      }),
    ),
  };
}
