/**
 * Scanned directory: a directory on its way through a tree scan.
 */
import type { SystemPath } from "../system/system-path.js";
import type { DirectoryBlock } from "./directory-block.js";

/** A directory on its way. */
export interface ScannedDirectory {
  readonly id: number;
  readonly path: SystemPath;
  readonly parent: ScannedDirectory | undefined;
  /** Its entry in the parent's block. */
  readonly entry: number;
  block: DirectoryBlock;
  /** Whether the block is the cache's own. */
  isShared: boolean;
  isGone: boolean;
  /** Subdirectories that are not built and files that are not read. */
  pending: number;
  readonly children: ScannedDirectory[];
}
