/** How a workspace goes back, and on from there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { seededBytes } from "../../chunk/seeded-bytes.js";
import { forAllTrees } from "../../engine/for-all-trees.js";
import { lines, listTree } from "../../engine/listing.js";
import { cloneTree } from "../../engine/tree-model.js";
import { mountsBelow, unmountBelow } from "../../support/mount-points.js";
import type { Ground } from "../ground.js";
import { changesOf, expectCaptured, expectState, inDirectory } from "../workspace-fixture.js";

export function restoreContract(ground: Ground): void {
  const { driver } = ground.place;

  ground.test(
    "restore() brings it to an older snapshot, a newer one and an unrelated one",
    async () => {
      const { store, scratch, fork, source } = await ground.captured(
        "mkdir -p a/b; echo 1 >a/1; echo 2 >a/b/2; ln a/1 link; mkfifo pipe",
      );
      const base = await store.get("base");
      const workspace = await fork();
      inDirectory(workspace.path, "echo more >>a/1; mv a/b b; rm pipe");
      const { snapshot: second } = await workspace.snapshot();
      inDirectory(workspace.path, "rm -r a; ln -s b a; echo 3 >b/3");
      const { snapshot: third } = await workspace.snapshot();
      const other = join(scratch, "other");
      inDirectory(
        scratch,
        "mkdir -p other/b/2/deep; echo x >other/b/2/deep/x; echo a >other/a; mkdir other/link",
      );
      const { snapshot: unrelated } = await store.snapshot(other);

      for (const wanted of [base, third, unrelated, second, unrelated, base]) {
        inDirectory(workspace.path, "echo lost >>lost; rm -rf b/2 a");
        await workspace.restore(wanted);
        expect(workspace.head.id).toBe(wanted.id);
        expect(workspace.base.id).toBe(wanted.id);
        await expectState(store, workspace.path, wanted.digest);
        expect(await changesOf(workspace)).toEqual([]);
        expect((await workspace.snapshot()).snapshot.id).toBe(wanted.id);
      }
      expect(lines(listTree(workspace.path))).toEqual(lines(listTree(source)));
      inDirectory(workspace.path, "echo on >on");
      await expectCaptured(store, workspace);
      // What the restored state had is shared with nobody.
      await expectState(store, source, base.digest);
      await expectState(store, other, unrelated.digest);
    },
  );

  ground.test(
    "rollback() takes back what changed since the last snapshot, again and again",
    async () => {
      const { store, fork } = await ground.captured("mkdir d; echo 1 >d/1; echo 2 >2");
      const workspace = await fork();
      for (const script of ["rm -r d", "echo more >>2; mkdir -p n/n", "mv d e; ln -s e d; : >2"]) {
        inDirectory(workspace.path, "date +%N >stamp");
        const { snapshot } = await workspace.snapshot();
        inDirectory(workspace.path, script);
        expect((await changesOf(workspace)).length).toBeGreaterThan(0);
        await workspace.rollback();
        expect(workspace.head.id).toBe(snapshot.id);
        await expectState(store, workspace.path, snapshot.digest);
        // Where nothing changed it does nothing that could be seen.
        await workspace.rollback();
        await expectState(store, workspace.path, snapshot.digest);
        expect((await workspace.snapshot()).isUnchanged).toBe(true);
      }
    },
  );

  ground.test(
    "a fork of a fork of a fork stands alone, and so does each thirtieth generation",
    async () => {
      const { store, scratch, fork } = await ground.captured((directory) => {
        inDirectory(directory, "mkdir -p deep/er; for i in {1..30}; do echo $i >deep/er/$i; done");
      });
      const first = await fork();
      const line = [first];
      for (let generation = 1; generation <= 30; generation++) {
        const { path } = line.at(-1)!;
        inDirectory(
          path,
          `echo ${generation} >>deep/er/${generation}; mv deep/er deep/er-${generation}; mkdir deep/er
         mv deep/er-${generation}/* deep/er; rmdir deep/er-${generation}; echo x >own-${generation}`,
        );
        const dir = join(scratch, `generation-${generation}`);
        line.push(await line.at(-1)!.fork({ dir, driver, durability: "relaxed" }));
      }
      const last = line.at(-1)!;
      await expectCaptured(store, last);
      // What the first ones do is not seen by the last one, and the other way round.
      inDirectory(first.path, "rm -r deep");
      inDirectory(last.path, "rm -r deep; echo x >x");
      for (const [generation, each] of line.entries()) {
        if (each === first || each === last) continue;
        const own = inDirectory(each.path, "ls -d own-* | wc -l; cat deep/er/*");
        const [count, ...numbers] = own.trim().split("\n");
        // The last thing it saw was its own edit; its child's is the child's alone.
        expect(Number(count)).toBe(generation + 1);
        expect(numbers.length).toBe(30 + generation + 1);
        expect((await each.snapshot({ durability: "relaxed" })).isUnchanged).toBe(true);
      }
      expect((await store.workspaces()).length).toBe(31);
      await last.restore(await store.get("base"));
      await expectState(store, last.path, (await store.get("base")).digest);
    },
  );

  ground.test("a snapshot of a workspace is what a capture of its directory gives", () =>
    forAllTrees(
      async (world, ...rounds) => {
        const { store, directory } = world;
        try {
          const { snapshot: base } = await store.snapshot(directory);
          const workspace = await store.fork(base, { dir: world.newDirectory(), driver });
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
            await expectState(store, workspace.path, state.digest);
            const other = await workspace.fork({ dir: world.newDirectory(), driver });
            await expectState(store, other.path, state.digest);
            await other.discard();
          }
          await workspace.discard();
          await store.close();
          expect(mountsBelow(world.storeDirectory)).toEqual([]);
        } finally {
          unmountBelow(join(world.storeDirectory, ".."));
        }
      },
      { rounds: 3, runs: 5, parent: ground.directory },
    ),
  );

  ground.test("what is done in one workspace is seen in no other, nor in the base", () =>
    forAllTrees(
      async (world, editFirst, editSecond) => {
        const { store, directory } = world;
        try {
          const { snapshot: base } = await store.snapshot(directory);
          const newFork = () => store.fork(base, { dir: world.newDirectory(), driver });
          const [first, second, third] = [await newFork(), await newFork(), await newFork()];
          editFirst?.({ directory: first.path, tree: cloneTree(world.tree) });
          const { snapshot } = await first.snapshot();
          editSecond?.({ directory: second.path, tree: cloneTree(world.tree) });
          await second.snapshot();
          expect((await first.snapshot()).isUnchanged).toBe(true);
          expect((await third.snapshot()).isUnchanged).toBe(true);
          await expectState(store, third.path, base.digest);
          await expectState(store, first.path, snapshot.digest);
        } finally {
          unmountBelow(join(world.storeDirectory, ".."));
        }
      },
      { rounds: 3, runs: 3, parent: ground.directory },
    ),
  );

  ground.test("files of all sizes come back, from none to many chunks", async () => {
    const { store, scratch, fork } = await ground.captured("echo before >before");
    const workspace = await fork();
    for (const size of [0, 1, 31, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1_048_577, 9_000_001])
      writeFileSync(join(workspace.path, `${size}`), seededBytes(`${size}`, size));
    await expectCaptured(store, workspace);
    const { snapshot } = await workspace.snapshot();
    const child = await store.fork(snapshot, { dir: join(scratch, "child"), driver });
    expect(lines(listTree(child.path))).toEqual(lines(listTree(workspace.path)));
    // One byte of each.
    inDirectory(
      child.path,
      "for f in [1-9]*; do printf X | dd of=$f bs=1 seek=$((f / 2)) conv=notrunc status=none; done",
    );
    await expectCaptured(store, child);
    await expectState(store, workspace.path, snapshot.digest);
    await child.restore(snapshot);
    expect(lines(listTree(child.path))).toEqual(lines(listTree(workspace.path)));
  });
}
