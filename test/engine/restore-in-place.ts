/** A restore in place: does what its plan said, and touches nothing that is equal. */
import { expect } from "vitest";
import { identities, lines, listTree } from "./listing.js";
import { touchedPaths } from "./touched-paths.js";
import { cloneTree } from "./tree-model.js";
import type { ModelSnapshot, World } from "./world.js";

/** Restores a snapshot in place and checks every path. */
export async function restoreInPlace(world: World, snapshot: ModelSnapshot): Promise<void> {
  const { store, directory } = world;
  const before = listTree(directory);
  const identity = identities(directory);
  const plan = await store.restore(snapshot.id, directory, { plan: true });
  expect(identities(directory)).toEqual(identity);
  const report = await store.restore(snapshot.id, directory);
  expect(lines(listTree(directory))).toEqual(lines(snapshot.listing));
  expect(report.actions).toEqual(plan.actions);
  expect(report.changes).toEqual(plan.changes);
  const touched = touchedPaths(before, snapshot.listing);
  // An empty directory is not compared first: it is filled, and gets its attributes in any case.
  const kept = [...identity].filter(([path]) => !touched.has(path) && before.size > 1);
  const now = identities(directory);
  expect(kept.map(([path]) => [path, now.get(path)])).toEqual(kept);
  world.tree = cloneTree(snapshot.tree);
}
