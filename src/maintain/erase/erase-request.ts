/**
 * Erase request: what callers name, as what is looked for.
 */
import { parseDigest } from "../../model/digest.js";
import { CoppiceError } from "../../model/error.js";
import type { TreePath } from "../../model/tree-path.js";
import { parseTreePath, pathOfNames } from "../../model/tree-path.js";
import type { Engine } from "../../snapshot/engine.js";
import type { EraseOptions } from "./erase.js";
import { erase } from "./erase.js";
import type { EraseReport } from "./erase-report.js";
import { outermost } from "./without-paths.js";

/** Erases what a caller names; see `Store.erase`. */
export async function eraseRequested(
  engine: Engine,
  {
    paths = [],
    digests = [],
    ...options
  }: EraseOptions & {
    readonly paths?: readonly TreePath[];
    readonly digests?: readonly string[];
  },
): Promise<EraseReport> {
  if (paths.length + digests.length === 0)
    throw new CoppiceError("INVALID_ARGUMENT", "Cannot erase: give a path or a digest");
  const target = { paths: outermost(paths.map(erasablePath)), digests: digests.map(parseDigest) };
  return erase(engine, target, options);
}

function erasablePath(path: TreePath): Buffer {
  const names = parseTreePath(path);
  if (names.length > 0) return pathOfNames(names);
  throw new CoppiceError(
    "INVALID_ARGUMENT",
    "Cannot erase the root of snapshots: remove the snapshots, or give the paths in it",
  );
}
