/** A restore of some paths: these become what they were, and nothing else is touched. */
import { expect } from "vitest";
import { identities, type Listing, lineOf, listTree } from "./listing.js";
import { isSelected, names } from "./touched-paths.js";
import { isWithin, type ModelNode } from "./tree-model.js";
import type { ModelSnapshot, World } from "./world.js";

/** Restores the picked paths of a snapshot in place and checks every path. */
export async function restorePaths(
  world: World,
  snapshot: ModelSnapshot,
  picks: readonly number[],
): Promise<void> {
  const all = [...snapshot.tree.keys()].sort();
  const selection = picks.map((pick) => all[pick % all.length]!);
  const before = listTree(world.directory);
  const identity = identities(world.directory);
  await world.store.restore(snapshot.id, world.directory, {
    paths: selection.map((path) => Buffer.from(path, "latin1")),
  });
  const after = listTree(world.directory);
  expect(selected(after, selection)).toEqual(selected(snapshot.listing, selection));

  const isOnTheWay = (path: string) => selection.some((each) => isWithin(each, path));
  const shares = (path: string) =>
    names(before, path).some((each) => isSelected(each, selection) || isReplaced(each));
  const others = [...before].filter(([path]) => !isSelected(path, selection) && !isReplaced(path));
  function isReplaced(path: string): boolean {
    // A file where a directory on the way must be, and what was below it.
    return [...before].some(
      ([each, { kind }]) => kind !== "directory" && isWithin(path, each) && isOnTheWay(each),
    );
  }
  const now = identities(world.directory);
  for (const [path, entry] of others) {
    const found = after.get(path);
    const without = isOnTheWay(path) || shares(path) ? (["mtimeNs", "mode", "link"] as const) : [];
    expect(`${path} ${found && lineOf(found, without)}`).toBe(`${path} ${lineOf(entry, without)}`);
    if (!isOnTheWay(path) && !shares(path))
      expect([path, now.get(path)]).toEqual([path, identity.get(path)]);
  }
  const known = new Set([...others.map(([path]) => path), ...snapshot.tree.keys()]);
  expect([...after.keys()].filter((path) => !known.has(path))).toEqual([]);
  adopt(world, snapshot, after, selection);
}

function selected(listing: Listing, selection: readonly string[]): string[] {
  return [...listing]
    .filter(([path]) => isSelected(path, selection))
    .map(([path, entry]) => `${path} ${lineOf(entry, ["link"])}`)
    .sort();
}

/** Makes the model what was found; the bytes are those of the snapshot or of before. */
function adopt(
  world: World,
  snapshot: ModelSnapshot,
  found: Listing,
  selection: readonly string[],
): void {
  const old = world.tree;
  world.tree = new Map<string, ModelNode>();
  for (const [path, entry] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { kind, link, mode, mtimeNs } = entry;
    // A directory on the way may have taken a file's place.
    const isOld = !isSelected(path, selection) && old.get(path)?.kind === kind;
    const source = isOld ? old : snapshot.tree;
    const node = { ...source.get(path)!, mtimeNs };
    if (node.kind !== "symlink") node.mode = mode;
    world.tree.set(path, link === undefined || link === path ? node : world.tree.get(link)!);
  }
}
