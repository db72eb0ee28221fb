/**
 * Omitted paths: what of a directory no snapshot has. Each is kept as Latin-1, so that each byte is a character: `/` between
 * names, none at the ends.
 */
import { CoppiceError } from "./error.js";
import type { TreePath } from "./tree-path.js";
import { parseTreePath, pathOfNames } from "./tree-path.js";

/**
 * Returns paths as they are kept, each once.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT for the root, and for what leads out of it
 */
export function parseOmitted(paths: readonly TreePath[]): string[] {
  const keys = paths.map((path) => {
    const names = parseTreePath(path);
    if (names.length > 0) return pathOfNames(names).toString("latin1");
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot omit ${JSON.stringify(path.toString())}: it is the root, and nothing would be left`,
    );
  });
  return [...new Set(keys)].sort();
}

/** Whether a path is one of those omitted, or lies below one. */
export function isOmitted(omitted: readonly string[], path: string): boolean {
  return omitted.some((each) => path === each || path.startsWith(`${each}/`));
}

/** Returns the pattern of gitignore(5) for an omitted path; bytes that are not UTF-8 stand for any character. */
export function omittedPattern(omitted: string): string {
  const text = Buffer.from(omitted, "latin1").toString();
  return `/${text.replace(/[\\*?[\]!# ]/g, "\\$&").replaceAll("\uFFFD", "?")}`;
}
