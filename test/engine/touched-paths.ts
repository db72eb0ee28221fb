/** Which paths a restore in place has to touch, judged by two listings. */
import { type Listing, lineOf } from "./listing.js";
import { isWithin, parentOf } from "./tree-model.js";

/**
 * Returns the paths of the first listing that must change on the way to the second, or may.
 *
 * A file must when its own line differs. So must a directory in which a name comes, goes or is replaced.
 * All names of one file may when the group that they are in differs.
 */
export function touchedPaths(before: Listing, after: Listing): ReadonlySet<string> {
  const touched = new Set<string>();
  const groups = [groupsOf(before), groupsOf(after)] as const;
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(path);
    const now = after.get(path);
    const isSame = old !== undefined && now !== undefined && lineOf(old) === lineOf(now);
    const isSameGroup = groups[0].get(path) === groups[1].get(path);
    if (isSame && isSameGroup) continue;
    touched.add(path);
    const isDirectory = old?.kind === "directory" && now?.kind === "directory";
    if (!isDirectory) touched.add(parentOf(path));
    if (old !== undefined && old.kind !== "directory")
      for (const each of names(before, path)) touched.add(each);
  }
  return touched;
}

/** Returns for each name of a file with several all its names as one text. */
function groupsOf(listing: Listing): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const [path, { link }] of listing) {
    if (link !== undefined) groups.set(path, names(listing, path).join("\0"));
  }
  return groups;
}

/** Returns the names of the file that a path is one of. */
export function names(listing: Listing, path: string): string[] {
  const link = listing.get(path)?.link;
  if (link === undefined) return [path];
  return [...listing].filter(([, each]) => each.link === link).map(([each]) => each);
}

/** Whether a path is selected by one of some paths. */
export function isSelected(path: string, selection: readonly string[]): boolean {
  return selection.some((each) => isWithin(path, each));
}
