/** What holds for every workspace, whatever is done in it. */
import { join } from "node:path";
import { expect } from "vitest";
import { forAllTrees } from "../engine/for-all-trees.js";
import { lines, listTree } from "../engine/listing.js";
import { cloneTree } from "../engine/tree-model.js";
import { testIf } from "../tooling/test-if.js";
import { expectCaptured, mountsBelow, needs, unmountBelow } from "./workspace-fixture.js";

testIf(needs, "a snapshot of a workspace is what a capture of its directory gives", () =>
  forAllTrees(
    async (world, ...rounds) => {
      const { store, directory } = world;
      try {
        const { snapshot: base } = await store.snapshot(directory);
        const workspace = await store.fork(base, { dir: world.newDirectory() });
        expect(lines(listTree(workspace.path))).toEqual(lines(listTree(directory)));
        const edited = { directory: workspace.path, tree: cloneTree(world.tree) };
        const states = [base];
        for (const edit of rounds) {
          edit(edited);
          await expectCaptured(store, workspace);
          states.push(workspace.head);
        }
        // Back to each state, and on from there.
        for (const state of states) {
          const before = (await workspace.snapshot()).snapshot.digest;
          expect(before).toBe(workspace.head.digest);
          await workspace.restore(state);
          expect((await store.snapshot(workspace.path)).snapshot.digest).toBe(state.digest);
          const other = await workspace.fork({ dir: world.newDirectory() });
          expect((await store.snapshot(other.path)).snapshot.digest).toBe(state.digest);
          await other.discard();
        }
        await workspace.discard();
        await store.close();
        expect(mountsBelow(world.storeDirectory)).toEqual([]);
      } finally {
        unmountBelow(join(world.storeDirectory, ".."));
      }
    },
    { rounds: 3, runs: 15 },
  ),
);

testIf(needs, "what is done in one workspace is seen in no other, nor in the base", () =>
  forAllTrees(
    async (world, editFirst, editSecond) => {
      const { store, directory } = world;
      try {
        const { snapshot: base } = await store.snapshot(directory);
        const newFork = () => store.fork(base, { dir: world.newDirectory() });
        const [first, second, third] = [await newFork(), await newFork(), await newFork()];
        editFirst?.({ directory: first.path, tree: cloneTree(world.tree) });
        const { snapshot } = await first.snapshot();
        editSecond?.({ directory: second.path, tree: cloneTree(world.tree) });
        await second.snapshot();
        expect((await first.snapshot()).isUnchanged).toBe(true);
        expect((await third.snapshot()).isUnchanged).toBe(true);
        expect((await store.snapshot(third.path)).snapshot.digest).toBe(base.digest);
        expect((await store.snapshot(first.path)).snapshot.digest).toBe(snapshot.digest);
      } finally {
        unmountBelow(join(world.storeDirectory, ".."));
      }
    },
    { rounds: 3, runs: 8 },
  ),
);
