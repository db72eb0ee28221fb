import type { TreePath } from "../index.js";
import { parseEscapedPath } from "./parse-escaped-path.js";

/**
 * Returns a path inside a snapshot as the command line means it.
 *
 * @throws {UsageError} when it is to be unescaped and cannot
 */
export function treePathArgument(path: string, isEscaped: boolean | undefined): TreePath {
  return isEscaped === true ? parseEscapedPath(path) : path;
}
