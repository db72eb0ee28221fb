/**
 * Path filter: what `exclude` patterns and `.gitignore` files leave out.
 */

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { Ignore } from "ignore";
import createIgnore from "ignore";
import type { SystemPath } from "../system/system-path.js";
import { displayPath, joinPath } from "./source-directory.js";

/** Tells whether a path relative to the root is left out. */
export interface PathFilter {
  excludes(path: SystemPath, isDirectory: boolean): boolean;
}

/**
 * Returns the filter of some patterns, or `undefined` where nothing can be left out.
 *
 * Patterns are those of gitignore(5). With `gitignore`, the `.gitignore` files of the root and of each
 * directory down to the path are heeded as git does: the deepest one that says something decides.
 */
export function createPathFilter(settings: {
  readonly root: SystemPath;
  readonly exclude: readonly string[];
  readonly gitignore: boolean;
}): PathFilter | undefined {
  if (settings.exclude.length === 0 && !settings.gitignore) return undefined;
  const excluded = createIgnore({ allowRelativePaths: true }).add([...settings.exclude]);
  const rules = new Map<string, Ignore | undefined>();

  const rulesOf = (directory: string): Ignore | undefined => {
    if (!rules.has(directory))
      rules.set(directory, readRules(joinPath(settings.root, joinPath(directory, ".gitignore"))));
    return rules.get(directory);
  };
  const ignoredByGit = (path: string): boolean => {
    // From the path's own directory upwards.
    for (
      let slash = path.lastIndexOf("/", path.length - 2);
      ;
      slash = path.lastIndexOf("/", slash - 1)
    ) {
      const directory = slash < 0 ? "" : path.slice(0, slash);
      const verdict = rulesOf(directory)?.test(path.slice(slash + 1));
      if (verdict?.ignored === true) return true;
      if (verdict?.unignored === true || slash < 0) return false;
    }
  };
  return {
    excludes(path, isDirectory) {
      const text = displayPath(path) + (isDirectory ? "/" : "");
      return excluded.ignores(text) || (settings.gitignore && ignoredByGit(text));
    },
  };
}

/** Not through a link, as git; and without waiting for a pipe of that name. */
const RULES_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function readRules(file: SystemPath): Ignore | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, RULES_FLAGS);
    if (!fstatSync(descriptor).isFile()) return undefined;
    return createIgnore({ allowRelativePaths: true }).add(readFileSync(descriptor, "utf8"));
  } catch {
    return undefined; // No such file, or one that cannot be read: git heeds neither.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
