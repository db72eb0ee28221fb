/** Where snapshots come from, and what they have in common. */
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Snapshot } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { editedDirectory } from "../engine/edited-directory.js";

/**
 * Makes snapshots of one directory: each number pair names the parents of the next one, by how far back they are; 0 for none.
 *
 * @returns them, and for each the numbers of its parents
 */
async function family(pairs: readonly (readonly [number, number])[]) {
  const { store, snapshot } = await editedDirectory("echo 1 >f");
  const snapshots: Snapshot[] = [];
  const parents: number[][] = [];
  for (const [first, second] of pairs) {
    const [ours, theirs] = [snapshots.at(-first), snapshots.at(-second)];
    const isMerge = first > 0 && second > 0 && ours !== undefined && theirs !== undefined;
    if (isMerge && ours !== theirs) {
      const base = ours;
      const merged = await store.merge({ base, ours, theirs, durability: "relaxed" });
      snapshots.push(merged.snapshot);
    } else {
      const parent = first > 0 && ours !== undefined ? ours.id : undefined;
      snapshots.push(await snapshot({ ...(parent !== undefined && { parent }) }));
    }
    const ids = snapshots.map(({ id }) => id);
    parents.push(snapshots.at(-1)!.parents.map((id) => ids.indexOf(id)));
  }
  return { store, snapshots, parents };
}

/** Returns the numbers of all that a snapshot comes from. */
function ancestorsOf(parents: readonly number[][], number: number): Set<number> {
  const found = new Set<number>();
  const pending = [...parents[number]!];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (!found.has(next)) pending.push(...parents[next]!);
    found.add(next);
  }
  return found;
}

test("lineage and common ancestors are those of the graph, whatever its shape", async () => {
  const pair = fc.tuple(fc.nat(4), fc.nat(4));
  for (const pairs of fc.sample(fc.array(pair, { minLength: 3, maxLength: 12 }), 8)) {
    const { snapshots, parents, store } = await family(pairs);
    const lines = snapshots.map((_, number) => ancestorsOf(parents, number));
    for (const [number, snapshot] of snapshots.entries()) {
      const expected = [...lines[number]!].sort((a, b) => b - a).map((each) => snapshots[each]!.id);
      expect((await snapshot.lineage()).map(({ id }) => id)).toEqual(expected);
      for (const [other, otherSnapshot] of snapshots.entries()) {
        const [mine, others] = [
          new Set([number, ...lines[number]!]),
          new Set([other, ...lines[other]!]),
        ];
        const common = [...mine].filter((each) => others.has(each));
        const best = common.filter((each) => !common.some((one) => lines[one]!.has(each)));
        const found = await store.commonAncestor(snapshot, otherSnapshot);
        if (best.length === 0) expect(found).toBeUndefined();
        else expect(best.map((each) => snapshots[each]!.id)).toContain(found?.id);
      }
    }
  }
});

test("a parent of a merge is in use, whichever it is; a removal hands its parents on", async () => {
  // 0 is the root, 1 and 2 follow it, 3 merges them, 4 follows 3.
  const { store, snapshots } = await family([
    [0, 0],
    [1, 0],
    [2, 0],
    [2, 1],
    [1, 0],
  ]);
  const [root, ours, theirs, merged, last] = snapshots.map(({ id }) => id) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const parentsOf = async (id: string) => (await store.get(id)).parents;
  expect(await parentsOf(merged)).toEqual([ours, theirs]);
  for (const id of [root, ours, theirs, merged])
    await expect(store.remove(id)).rejects.toMatchObject({ code: "IN_USE" });
  expect((await store.snapshots({ parent: theirs })).map(({ id }) => id)).toEqual([merged]);
  await store.remove(merged, { reparent: true });
  expect(await parentsOf(last)).toEqual([ours, theirs]);
  await store.remove(theirs, { reparent: true });
  expect(await parentsOf(last)).toEqual([ours, root]);
  await store.remove(ours, { reparent: true });
  expect(await parentsOf(last)).toEqual([root]);
  await store.remove(root, { reparent: true });
  expect(await parentsOf(last)).toEqual([]);
  expect((await (await store.get(last)).lineage()).length).toBe(0);
});

test("parents are kept when the store is opened again", async () => {
  const { store, snapshots } = await family([
    [0, 0],
    [1, 0],
    [2, 0],
    [2, 1],
  ]);
  await store.close();
  const again = await Store.open(store.directory);
  onTestFinished(() => again.close());
  for (const { id, parents } of snapshots) expect((await again.get(id)).parents).toEqual(parents);
});
