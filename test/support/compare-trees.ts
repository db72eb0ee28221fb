import { fileURLToPath } from "node:url";
import { run } from "./run.js";

const script = fileURLToPath(new URL("compare-trees.sh", import.meta.url));

/** What compare-trees.sh can leave out; its head says what each is. */
export type TreeAspect =
  | "kind"
  | "mode"
  | "owner"
  | "size"
  | "times"
  | "targets"
  | "devices"
  | "links"
  | "content"
  | "xattrs"
  | "acl"
  | "holes"
  | "root";

/** What is compared. */
export interface CompareTreesOptions {
  /** @default nothing is left out */
  readonly without?: readonly TreeAspect[];
}

/**
 * Compares two directory trees with the system's own tools only: see compare-trees.sh.
 *
 * @returns One line for each difference, `-` what the first has and `+` what the second has; empty
 *   when they are equal.
 * @throws {Error} when the comparison cannot be made.
 * @example
 * expect(await compareTrees(source, restored)).toEqual([]);
 */
export async function compareTrees(
  first: string,
  second: string,
  { without = [] }: CompareTreesOptions = {},
): Promise<readonly string[]> {
  const options = without.length === 0 ? [] : ["--without", without.join(",")];
  const result = await run("bash", [script, ...options, first, second], { allowFailure: true });
  if (result.exitCode !== 0 && result.exitCode !== 1) {
    throw new Error(`Cannot compare ${first} with ${second}: ${result.stderr}`);
  }
  return result.stdout.split("\n").filter(Boolean);
}
