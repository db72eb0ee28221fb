import { fileURLToPath } from "node:url";
import { run } from "./run.js";

const script = fileURLToPath(new URL("ugly-tree.sh", import.meta.url));

/** What the tree has beside the usual. */
export interface UglyTreeOptions {
  /** A Unix socket, which cannot be captured. @default false */
  readonly withSocket?: boolean;
  /** The length in bytes of the longest path in the tree. @default 3950 */
  readonly pathBytes?: number;
}

/**
 * Fills a new or empty directory with everything that is likely to be lost: see ugly-tree.sh.
 *
 * Cost: 2 s, 240 entries, 23 MB on the disk, 1.2 GB with holes.
 *
 * @returns One line for each thing that this user, machine or file system cannot make.
 */
export async function makeUglyTree(
  directory: string,
  options: UglyTreeOptions = {},
): Promise<readonly string[]> {
  const { stdout } = await run("bash", [
    script,
    ...(options.withSocket === true ? ["--with-socket"] : []),
    ...(options.pathBytes === undefined ? [] : ["--path-bytes", String(options.pathBytes)]),
    directory,
  ]);
  return stdout.split("\n").filter(Boolean);
}
