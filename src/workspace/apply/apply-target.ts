/**
 * Apply target: the directory that a workspace is applied to.
 */
import type { SnapshotFilter, SnapshotRow } from "../../catalog/snapshot-table.js";
import { CoppiceError } from "../../model/error.js";
import { FileStatus } from "../../scan/file-status.js";
import type { CaptureOptions } from "../../snapshot/capture.js";
import { capture } from "../../snapshot/capture.js";
import type { Engine } from "../../snapshot/engine.js";
import type { Source } from "../../snapshot/source.js";
import { openSource } from "../../snapshot/source.js";

/**
 * Returns the target. What lies in it and is a workspace is left out of it.
 *
 * @throws {CoppiceError} NOT_A_DIRECTORY; INVALID_ARGUMENT where it lies in the store or in the workspace
 */
export function openTarget(engine: Engine, workspace: string, directory: string): Source {
  const source = openSource(engine, directory);
  if (source.path === workspace || source.path.startsWith(`${workspace}/`)) {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot apply to ${source.path}: it is the workspace itself or lies in it, give another directory`,
      { path: source.path },
    );
  }
  const others = engine.catalog.workspaces.all().flatMap(({ path }) => identityOf(path) ?? []);
  return { ...source, omit: [...source.omit, ...others] };
}

/**
 * Captures the target, so that what is applied to it can be taken back.
 *
 * @param applied id of the snapshot that is
 */
export async function captureTarget(
  engine: Engine,
  target: string,
  applied: string,
  filter: SnapshotFilter,
  { workers, signal }: Pick<CaptureOptions, "workers" | "signal">,
): Promise<SnapshotRow> {
  const { row } = await capture(engine, target, {
    ...filter,
    labels: { undo: applied },
    ...(workers !== undefined && { workers }),
    ...(signal && { signal }),
  });
  return row;
}

/** Returns the identity of a directory, if there is one. */
function identityOf(path: string): string | undefined {
  try {
    return FileStatus.ofPath(path)?.identity;
  } catch {
    return undefined; // Out of reach for this user, and so for the scan.
  }
}
