/**
 * Upper links: the hard-link groups of what an overlay shows.
 *
 * A name of a group below that is changed through the overlay is copied up and is a file of its own from
 * then on; the group's other names stay one.
 */
import { isOmitted } from "../../model/omitted-paths.js";
import type { LinkGroup } from "../../tree/links-codec.js";
import type { Root } from "../../tree/root.js";
import { linkGroups } from "../../tree/root.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import type { SeenDirectory } from "./seen-directory.js";
import { directoriesOf, join, UpperNames } from "./upper-names.js";

/**
 * Yields the groups, in any order; one of fewer than two paths is none.
 *
 * @param base the tree of the layers below
 * @param seen what is in the upper directory
 * @param omit the paths that are left out
 */
export function* upperLinks(
  objects: ObjectSource,
  base: Root,
  seen: SeenDirectory,
  omit: readonly string[],
): Generator<LinkGroup> {
  let names: UpperNames | undefined;
  for (const group of linkGroups(objects, base)) {
    const upper = (names ??= new UpperNames(seen));
    const paths = group.flatMap((path) => upper.pathsAbove(path.toString("latin1")));
    yield toBytes(paths.filter((path) => !isOmitted(omit, path)));
  }
  for (const paths of linkedPaths(seen).values()) yield toBytes(paths);
}

/** Returns the paths of each inode in the upper directory that has several names. */
function linkedPaths(seen: SeenDirectory): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [path, { linked, listing }] of directoriesOf(seen, (each) => each.hasLinked)) {
    for (const [position, inode] of linked) {
      const name = join(path, listing.keys[position] as string);
      const paths = found.get(inode);
      if (paths === undefined) found.set(inode, [name]);
      else paths.push(name);
    }
  }
  return found;
}

function toBytes(paths: readonly string[]): Buffer[] {
  return paths.map((path) => Buffer.from(path, "latin1"));
}
