/** Which names are one file after a merge. */
import { expect, test } from "vitest";
import { listTree } from "../engine/listing.js";
import { threeStates } from "./three-states.js";

/** What each side did, and which names are one file then, whichever side is ours. */
test.each([
  ["those that both left together", "echo 1 >a; ln a b", "echo 2 >a", "touch x", [["a", "b"]]],
  ["those that one side put together", "echo 1 >a", "ln a b", "touch x", [["a", "b"]]],
  ["names that each side gave it", "echo 1 >a", "ln a b", "ln a c", [["a", "b", "c"]]],
  [
    "not those that one side took apart",
    "echo 1 >a; ln a b; ln a c",
    "cp -p a n; mv n a",
    "touch x",
    [["b", "c"]],
  ],
  ["not one that was written anew", "echo 1 >a; ln a b", "echo 2 >n; mv n a", "touch x", []],
  ["those under a new name", "echo 1 >a; ln a b; mkdir d", "mv b d/c", "echo 2 >a", [["a", "d/c"]]],
  [
    "those whose lines were merged",
    "seq 9 >a; ln a b",
    "sed -i --follow-symlinks 1d a; ln -f a b",
    "echo x >>a",
    [["a", "b"]],
  ],
] as const)("%s", async (_, base, our, their, groups) => {
  const { store, merge, ours, theirs } = await threeStates(base, our, their);
  for (const [first, second] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    const { snapshot } = await merge({ ours: first, theirs: second });
    const directory = `${store.directory}-${snapshot.id}`;
    await store.restore(snapshot, directory);
    const found = new Map<string, string[]>();
    for (const [path, { link }] of listTree(directory))
      if (link !== undefined) found.set(link, [...(found.get(link) ?? []), path]);
    expect([...found.values()]).toEqual(groups);
  }
});
