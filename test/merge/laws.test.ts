/** What holds for every merge, whatever was done on both sides. */
import { expect } from "vitest";
import type { MergeConflict, Snapshot, Store } from "#dist/index.js";
import { type EditRound, forAllTrees } from "../engine/for-all-trees.js";
import { type Listing, lineOf, lines, listSnapshot, listTree } from "../engine/listing.js";
import { cloneTree, isWithin } from "../engine/tree-model.js";
import type { World } from "../engine/world.js";
import { testIf } from "../tooling/test-if.js";

/** Times in nanoseconds, and names that are not UTF-8. */
const needs = ["koffi", "byte-names"] as const;

testIf(needs, "what one side alone changed is what the merge is", () =>
  forAllTrees(
    async (world, edit) => {
      const { store } = world;
      const { base, ours: side } = await branch(world, edit);
      for (const [ours, theirs] of [
        [side, base],
        [base, side],
        [side, side],
      ] as const) {
        const { snapshot, report } = await store.merge({ base, ours, theirs });
        expect([snapshot.digest, report.conflicts]).toEqual([side.digest, []]);
        expect(snapshot.parents).toEqual(ours === theirs ? [ours.id] : [ours.id, theirs.id]);
        expect(report.isFastForward).toBe(ours.digest === base.digest);
      }
    },
    { rounds: 2, runs: 30 },
  ),
);

testIf(needs, "swapping the sides gives the same conflicts and the same state", () =>
  forAllTrees(
    async (world, edit, editTheirs) => {
      const { store } = world;
      const { base, ours, theirs } = await branch(world, edit, editTheirs);
      const there = { base, ours, theirs };
      const back = { base, ours: theirs, theirs: ours };
      const [plan, mirrored] = [
        await store.merge({ ...there, plan: true }),
        await store.merge({ ...back, plan: true }),
      ];
      expect(told(mirrored.report.conflicts)).toEqual(told(plan.report.conflicts).map(swapped));
      for (const strategy of ["ours", "theirs"] as const) {
        const other = strategy === "ours" ? "theirs" : "ours";
        const first = await store.merge({ ...there, strategy });
        const second = await store.merge({ ...back, strategy: other });
        expect(first.snapshot.digest).toBe(second.snapshot.digest);
        if (plan.report.conflicts.length === 0) {
          const third = await store.merge({ ...back, strategy });
          expect(first.snapshot.digest).toBe(third.snapshot.digest);
        }
      }
    },
    { rounds: 3, runs: 60 },
  ),
);

testIf(needs, "a merge is a state that a directory can be in, and a plan stores nothing", () =>
  forAllTrees(
    async (world, edit, editTheirs) => {
      const { store } = world;
      const sides = await branch(world, edit, editTheirs);
      for (const strategy of ["ours", "theirs", "union"] as const) {
        const before = await store.stats();
        const plan = await store.merge({ ...sides, strategy, plan: true });
        expect(await store.stats()).toEqual(before);
        const { snapshot, report } = await store.merge({ ...sides, strategy });
        expect(report.changes).toEqual(plan.report.changes);
        expect(report.resolved).toEqual(plan.report.resolved);
        const directory = world.newDirectory();
        await store.restore(snapshot, directory);
        expect((await store.snapshot(directory)).snapshot.digest).toBe(snapshot.digest);
      }
    },
    { rounds: 3, runs: 30 },
  ),
);

testIf(needs, "each path is what either side alone made of it, or a conflict", () =>
  forAllTrees(
    async (world, edit, editTheirs) => {
      const { store } = world;
      const sides = await branch(world, edit, editTheirs);
      const { report } = await store.merge({ ...sides, plan: true });
      const { snapshot } = await store.merge({ ...sides, strategy: "ours" });
      if (report.renames.length > 0) return;
      const [base, ours, theirs, after] = await Promise.all(
        [sides.base, sides.ours, sides.theirs, snapshot].map(listSnapshot),
      );
      // Of a rename, where it is on each side.
      const conflicts = report.conflicts.flatMap((each) => [
        pathOf(each),
        ...[each.ours, each.theirs].flatMap((side) => (side ? [pathOf(side)] : [])),
      ]);
      const paths = [...conflicts, ...report.byLines.map(pathOf)];
      expectMerged({ base: base!, ours: ours!, theirs: theirs!, after: after! }, paths);
    },
    { rounds: 3, runs: 60 },
  ),
);

/** Captures a directory, and what becomes of it in two copies. */
async function branch(
  world: World,
  edit: EditRound | undefined,
  editTheirs?: EditRound,
): Promise<{ base: Snapshot; ours: Snapshot; theirs: Snapshot }> {
  const { store } = world;
  const base = (await store.snapshot(world.directory)).snapshot;
  return {
    base,
    ours: await captureEdited(store, world, base, edit),
    theirs: editTheirs === undefined ? base : await captureEdited(store, world, base, editTheirs),
  };
}

async function captureEdited(
  store: Store,
  world: World,
  base: Snapshot,
  edit: EditRound | undefined,
): Promise<Snapshot> {
  const directory = world.newDirectory();
  await store.restore(base, directory);
  edit?.({ directory, tree: cloneTree(world.tree) });
  const { snapshot } = await store.snapshot(directory, {
    parent: base.id,
    durability: "relaxed",
  });
  expect(lines(await listSnapshot(snapshot))).toEqual(
    lines(listTree(directory), { without: ["link"] }),
  );
  return snapshot;
}

/** Fails unless each path that is no directory is what three-way merging makes of it, aspect by aspect. */
function expectMerged(
  { base, ours, theirs, after }: Record<"base" | "ours" | "theirs" | "after", Listing>,
  conflicts: readonly string[],
): void {
  const wrong: string[] = [];
  for (const path of new Set([...base.keys(), ...ours.keys(), ...theirs.keys(), ...after.keys()])) {
    const [b, o, t] = [base, ours, theirs].map((each) => each.get(path));
    const now = after.get(path);
    if (line(b) === line(o) && line(b) === line(t) && b?.kind !== "directory") {
      if (line(now) !== line(b)) wrong.push(`${path} was changed on neither side`);
      continue;
    }
    if (conflicts.some((each) => isWithin(path, each) || isWithin(each, path))) continue;
    if ([b, o, t].some((each) => each?.kind === "directory")) continue;
    for (const aspect of ["kind", "mode", "content"] as const) {
      const [x, y, z] = [b?.[aspect], o?.[aspect], t?.[aspect]];
      const wanted = y === z || z === x ? y : x === y ? z : "both";
      if (String(now?.[aspect]) !== String(wanted))
        wrong.push(`${path}: ${aspect} is ${now?.[aspect]}, not ${wanted}`);
    }
  }
  expect(wrong).toEqual([]);
}

function line(entry: Parameters<typeof lineOf>[0] | undefined): string {
  return entry === undefined ? "" : lineOf(entry, ["link"]);
}

function pathOf({ path, pathBytes }: { path: string; pathBytes?: Buffer }): string {
  return (pathBytes ?? Buffer.from(path)).toString("latin1");
}

function told(conflicts: readonly MergeConflict[]): string[] {
  return conflicts.map((each) => `${each.kind} ${pathOf(each)}`);
}

function swapped(text: string): string {
  return text.replace(/^deleted-in-(ours|theirs)/, (_, side) =>
    side === "ours" ? "deleted-in-theirs" : "deleted-in-ours",
  );
}
