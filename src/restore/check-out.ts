/**
 * Check out: a new directory becomes a tree's state.
 */
import { availableParallelism } from "node:os";
import type { Engine } from "../snapshot/engine.js";
import type { Root } from "../tree/root.js";
import { expectedChunks } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { carryOut } from "./carry-out.js";
import { OpenedDirectories } from "./opened-directories.js";
import { planRestore } from "./plan-restore.js";
import { WORKERS_MAX } from "./restore.js";
import type { RestoreReport } from "./restore-report.js";
import { RestoreReportDraft } from "./restore-report.js";
import type { DirectoryStep } from "./restore-step.js";
import { selectPaths } from "./select-paths.js";

/** How a tree is checked out. */
export interface CheckOutOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether files share the packs' blocks, where the file system can. @default false */
  readonly sharesBlocks?: boolean;
  /** Changes what is done. */
  readonly transform?: (steps: Iterable<DirectoryStep>) => Iterable<DirectoryStep>;
}

/**
 * Writes a tree into an empty directory.
 *
 * @param objects has the tree's objects
 * @throws {CoppiceError} CORRUPT
 * @throws {NodeJS.ErrnoException}
 * @throws the signal's reason; what was written until then stays
 */
export async function checkOut(
  engine: Engine,
  objects: ObjectSource,
  tree: Root,
  directory: string,
  { signal, sharesBlocks = false, transform = (steps) => steps }: CheckOutOptions,
): Promise<RestoreReport> {
  const report = new RestoreReportDraft(false);
  const opened = new OpenedDirectories(directory);
  try {
    await carryOut(
      {
        engine,
        objects,
        locator: engine.catalog.chunks.locatorFor(expectedChunks(tree)),
        directory,
        target: tree,
        opened,
        workers: Math.min(WORKERS_MAX, availableParallelism()),
        sharesBlocks,
        report,
        signal,
        onProgress: undefined,
      },
      transform(planRestore(objects, undefined, tree, selectPaths(undefined))),
    );
    return report.finish();
  } finally {
    opened.putBack(() => true);
  }
}
