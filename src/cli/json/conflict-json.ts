import type { ApplyConflict } from "../../index.js";
import { entryJson } from "./entry-json.js";
import { pathJson } from "./path-json.js";

/** Returns what JSON tells of a conflict, with what each side has where it has something. */
export function conflictJson({ base, target, workspace, ...conflict }: ApplyConflict) {
  return {
    ...pathJson(conflict),
    ...(base === undefined ? {} : { base: entryJson(base) }),
    ...(target === undefined ? {} : { target: entryJson(target) }),
    ...(workspace === undefined ? {} : { workspace: entryJson(workspace) }),
  };
}
