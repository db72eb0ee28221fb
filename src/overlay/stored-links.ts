/**
 * Stored links: which names of a snapshot are one file, by the numbers that these names have in overlays of it.
 */
import type { LinkGroup } from "../tree/links-codec.js";
import type { Root } from "../tree/root.js";
import { linkGroups } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import type { Place } from "./inode.js";
import { ROOT } from "./inode.js";
import { storedNumber } from "./inode-number.js";

/** Names that are one file. */
export interface StoredGroup {
  /** The file's number, whichever of its names it is reached by: that of the first one. */
  readonly number: number;
  readonly paths: LinkGroup;
  readonly places: readonly Place[];
  /** The directories that the names are in and below, each once. */
  readonly above: ReadonlySet<number>;
}

export interface StoredLinks {
  readonly groups: readonly StoredGroup[];
  /** By the number that each name would have by itself. */
  readonly byName: ReadonlyMap<number, StoredGroup>;
}

const NO_LINKS: StoredLinks = { groups: [], byName: new Map() };

/** The last ones read from each source: forks of one snapshot share them. */
const read = new WeakMap<ObjectSource, { readonly tree: Buffer; readonly links: StoredLinks }>();

/** Returns the links of a snapshot. Costs reading all groups, once for overlays of the same snapshot. */
export function storedLinks(objects: ObjectSource, root: Root): StoredLinks {
  const tree = root.links;
  if (tree === undefined) return NO_LINKS;
  const known = read.get(objects);
  if (known?.tree.equals(tree) === true) return known.links;
  const groups = [...linkGroups(objects, root)].map(groupOf);
  const byName = new Map(
    groups.flatMap((group) =>
      group.places.map(({ parent, name }) => [storedNumber(parent, name), group] as const),
    ),
  );
  const links = { groups, byName };
  read.set(objects, { tree, links });
  return links;
}

function groupOf(paths: LinkGroup): StoredGroup {
  const above = new Set<number>();
  const places = paths.map((path) => {
    const names = path.toString("latin1").split("/");
    const name = names.pop() as string;
    let parent = ROOT;
    above.add(parent);
    for (const each of names) above.add((parent = storedNumber(parent, each)));
    return { parent, name };
  });
  const [first] = places as [Place, ...Place[]];
  return { number: storedNumber(first.parent, first.name), paths, places, above };
}

/** Returns the names of the directories above the last name of a path, as Latin-1. */
export function directoriesOf(path: Buffer): string[] {
  return path.toString("latin1").split("/").slice(0, -1);
}
