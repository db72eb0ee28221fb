import type { Change } from "../index.js";

/**
 * Leaves out directories of which only the times changed because names in them, or below, did: the
 * changes that are told explain them.
 */
export function withoutTouchedDirectories(changes: readonly Change[]): Change[] {
  const explained = new Set<string>();
  for (const change of changes) {
    if (isTouchedDirectory(change)) continue;
    for (const path of "from" in change ? [change.path, change.from] : [change.path]) {
      for (const directory of directoriesAbove(path)) explained.add(directory);
    }
  }
  return changes.filter((change) => !isTouchedDirectory(change) || !explained.has(change.path));
}

function isTouchedDirectory(change: Change): boolean {
  return (
    change.change === "modified" &&
    change.after.kind === "directory" &&
    change.aspects.length === 1 &&
    change.aspects[0] === "times"
  );
}

/** Yields the directories that a path lies in, the nearest first, the root (`""`) last. */
function* directoriesAbove(path: string): Generator<string> {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    yield path.slice(0, slash);
  }
  if (path !== "") yield "";
}
