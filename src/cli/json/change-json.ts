import type { Change } from "../../index.js";
import { entryJson } from "./entry-json.js";

/** Returns what JSON tells of a difference: its own members, with the entries before and after. */
export function changeJson(change: Change) {
  return {
    change: change.change,
    path: change.path,
    ...("from" in change ? { from: change.from } : {}),
    ...("aspects" in change ? { aspects: change.aspects } : {}),
    ...("before" in change ? { before: entryJson(change.before) } : {}),
    ...("after" in change ? { after: entryJson(change.after) } : {}),
  };
}
