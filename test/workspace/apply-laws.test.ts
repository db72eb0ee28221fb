/** What holds for every application, whatever was done in the workspace and in the target. */
import { lutimesSync } from "node:fs";
import { expect } from "vitest";
import { type ApplyConflict, ConflictError, type Workspace } from "#dist/index.js";
import { forAllTrees } from "../engine/for-all-trees.js";
import { entryPath, identities, type Listing, lineOf, lines, listTree } from "../engine/listing.js";
import { touchedPaths } from "../engine/touched-paths.js";
import { cloneTree, isWithin } from "../engine/tree-model.js";
import type { World } from "../engine/world.js";
import { testIf } from "../tooling/test-if.js";
import { actionsOf, stateOf, told } from "./apply-fixture.js";

/** Times in nanoseconds, and names that are not UTF-8. */
const needs = ["koffi", "byte-names"] as const;

testIf(
  needs,
  "a target that nobody changed becomes what the workspace is, by what was planned",
  () =>
    forAllTrees(
      (world, edit) =>
        withWorkspace(world, async (workspace) => {
          const { directory, store } = world;
          edit?.({ directory: workspace.path, tree: cloneTree(world.tree) });
          const before = listTree(directory);
          const identity = identities(directory);
          const plan = await workspace.apply(directory, { plan: true });
          expect(stateOf(directory)).toEqual([lines(before), [...identity]]);
          const report = await workspace.apply(directory);
          expect(report).toMatchObject({ conflicts: [], kept: [], limits: [] });
          expect([report.actions, report.changes]).toEqual([plan.actions, plan.changes]);
          expect((await store.snapshot(directory)).snapshot.digest).toBe(report.snapshot.digest);
          const touched = touchedPaths(before, listTree(workspace.path));
          const kept = [...identity].filter(([path]) => !touched.has(path));
          const now = identities(directory);
          expect(kept.map(([path]) => [path, now.get(path)])).toEqual(kept);
          await expectNoMore(workspace, directory);
        }),
      { rounds: 2, runs: 25 },
    ),
);

testIf(needs, "a workspace in which nothing changed touches nothing", () =>
  forAllTrees(
    (world, edit) =>
      withWorkspace(world, async (workspace) => {
        edit?.(world);
        await expectNoMore(workspace, world.directory);
      }),
    { rounds: 2, runs: 10 },
  ),
);

testIf(needs, "times that moved in the target are in nobody's way", () =>
  forAllTrees(
    (world, edit) =>
      withWorkspace(world, async (workspace) => {
        const { directory } = world;
        edit?.({ directory: workspace.path, tree: cloneTree(world.tree) });
        for (const path of listTree(directory).keys())
          lutimesSync(entryPath(directory, path), 5, 5);
        const report = await workspace.apply(directory);
        expect(report.conflicts).toEqual([]);
        const without = { without: ["mtimeNs", "link"] } as const;
        expect(lines(listTree(directory), without)).toEqual(
          lines(listTree(workspace.path), without),
        );
        await expectNoMore(workspace, directory);
      }),
    { rounds: 2, runs: 15 },
  ),
);

testIf(
  needs,
  "what either side changed alone is there afterwards, and the rest is a conflict",
  () =>
    forAllTrees(
      (world, edit, editTarget) =>
        withWorkspace(world, async (workspace) => {
          const { directory } = world;
          const base = listTree(directory);
          edit?.({ directory: workspace.path, tree: cloneTree(world.tree) });
          editTarget?.({ directory, tree: cloneTree(world.tree) });
          const sides = { base, ours: listTree(directory), theirs: listTree(workspace.path) };
          const before = stateOf(directory);
          const plan = await workspace.apply(directory, { plan: true, onConflict: "skip" });
          if (plan.conflicts.length > 0) {
            const error = await workspace.apply(directory).catch((each: unknown) => each);
            expect(error).toBeInstanceOf(ConflictError);
            expect(told(error as ConflictError)).toEqual(told(plan));
          }
          expect(stateOf(directory)).toEqual(before);
          const report = await workspace.apply(directory, { onConflict: "skip" });
          expect(told(report)).toEqual(told(plan));
          expect([report.actions, report.changes]).toEqual([plan.actions, plan.changes]);
          const after = listTree(directory);
          expectMerged(sides, after, report.conflicts);
          expectLinks(sides, after);
          const again = await workspace.apply(directory, { onConflict: "skip" });
          expect([actionsOf(again), told(again)]).toEqual([0, told(report)]);
        }),
      { rounds: 3, runs: 40 },
    ),
);

interface Sides {
  readonly base: Listing;
  readonly ours: Listing;
  readonly theirs: Listing;
}

/** Fails unless each path that is no directory is what three-way merging, path by path, makes of it. */
function expectMerged(
  { base, ours, theirs }: Sides,
  after: Listing,
  conflicts: readonly ApplyConflict[],
): void {
  // What is in a directory whose attributes are in conflict is merged all the same.
  const isConflict = (path: string) =>
    conflicts.some((each) =>
      each.kind === "attributes" ? path === pathOf(each) : isWithin(path, pathOf(each)),
    );
  const wrong: string[] = [];
  for (const path of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
    const [b, o, t] = [base, ours, theirs].map((each) => each.get(path));
    const isDirectory = (each: typeof b) => each?.kind === "directory";
    // What both sides made, also in the place of a file, keeps ours.
    if (isDirectory(o) && isDirectory(t)) continue;
    if ([b, o, t].every((each) => each === undefined || isDirectory(each))) continue;
    const pick = (aspect: "kind" | "mode" | "content"): unknown => {
      const [x, y, z] = [b?.[aspect], o?.[aspect], t?.[aspect]];
      return y === z || z === x ? y : x === y ? z : "both";
    };
    const wanted = (["kind", "content", "mode"] as const).map(pick);
    const now = after.get(path);
    const found = [now?.kind, now?.content, now?.mode];
    const mine = [o?.kind, o?.content, o?.mode];
    const isRight = isConflict(path)
      ? String(found) === String(mine)
      : String(found) === String(wanted);
    if (!isRight) wrong.push(`${path}: ${found} is neither ${wanted} nor a conflict`);
  }
  for (const path of after.keys())
    if (!ours.has(path) && !theirs.has(path)) wrong.push(`${path} comes from nowhere`);
  for (const path of conflicts.map(pathOf)) {
    for (const side of [ours, theirs]) {
      const isChanged = [...new Set([...base.keys(), ...side.keys()])].some(
        (each) =>
          (isWithin(each, path) || isWithin(path, each)) && state(base, each) !== state(side, each),
      );
      if (!isChanged) wrong.push(`${path} is a conflict though one side did not change it`);
    }
  }
  expect(wrong).toEqual([]);
}

function pathOf({ path, pathBytes }: ApplyConflict): string {
  return (pathBytes ?? Buffer.from(path)).toString("latin1");
}

function state(listing: Listing, path: string): string {
  const entry = listing.get(path);
  return entry === undefined ? "" : lineOf(entry, ["mtimeNs", "owner", "link"]);
}

/** Fails where names are one file that were one on neither side, or are not though neither side took them apart. */
function expectLinks({ base, ours, theirs }: Sides, after: Listing): void {
  const areOne = (listing: Listing, a: string, b: string) =>
    listing.get(a)?.link !== undefined && listing.get(a)?.link === listing.get(b)?.link;
  const linked = [...after.keys()].filter((path) =>
    [base, ours, theirs, after].some((each) => each.get(path)?.link !== undefined),
  );
  const wrong: string[] = [];
  for (const a of linked) {
    for (const b of linked) {
      if (a >= b) continue;
      const [was, mine, other] = [base, ours, theirs].map((each) => areOne(each, a, b));
      const is = areOne(after, a, b);
      if (is && !mine && !other) wrong.push(`${a} and ${b} became one file`);
      const isSame = state(after, a) === state(after, b);
      if (!is && was && mine && other && isSame) wrong.push(`${a} and ${b} are two files`);
    }
  }
  expect(wrong).toEqual([]);
}

/** The driver that works everywhere will do: what is applied is a snapshot, whatever it was taken by. */
async function withWorkspace(
  world: World,
  property: (workspace: Workspace) => Promise<void>,
): Promise<void> {
  const { snapshot } = await world.store.snapshot(world.directory);
  const dir = world.newDirectory();
  await property(await world.store.fork(snapshot, { dir, driver: "copy" }));
}

/** Fails unless applying touches nothing and finds nothing to do. */
async function expectNoMore(workspace: Workspace, directory: string): Promise<void> {
  const before = stateOf(directory);
  const report = await workspace.apply(directory);
  expect([actionsOf(report), report.conflicts]).toEqual([0, []]);
  expect(stateOf(directory)).toEqual(before);
}
