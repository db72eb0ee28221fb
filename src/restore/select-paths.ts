/**
 * Select paths: the part of a snapshot that is wanted.
 */
import type { TreePath } from "../model/tree-path.js";
import { parseTreePath, pathOfNames } from "../model/tree-path.js";
import type { PathSelection } from "./plan-restore.js";

/** Returns the selection of some paths; of everything where there are none. */
export function selectPaths(paths: readonly TreePath[] | undefined): PathSelection {
  if (paths === undefined) return { includes: () => true, reaches: () => true };
  const wanted = paths.map((path) => pathOfNames(parseTreePath(path)));
  return {
    includes: (path) => wanted.some((each) => isWithin(path, each)),
    reaches: (path) => wanted.some((each) => isWithin(each, path)),
  };
}

/** Whether a path is, or lies below, another. */
function isWithin(path: Buffer, root: Buffer): boolean {
  if (root.length === 0) return true;
  return (
    path.length >= root.length &&
    path.subarray(0, root.length).equals(root) &&
    (path.length === root.length || path[root.length] === 0x2f)
  );
}
