/** Commands: what a user does to a store, each with what must hold afterwards. */
import fc from "fast-check";
import { expect } from "vitest";
import { compareTrees } from "../support/compare-trees.js";
import { removeTree } from "../support/scratch.js";
import { applyChanges, entriesOf, entryLines } from "./apply-changes.js";
import { type Command, command, withSnapshot } from "./command.js";
import { lines, listSnapshot, listTree } from "./listing.js";
import { restoreInPlace } from "./restore-in-place.js";
import { restorePaths } from "./restore-paths.js";
import { applyEdit, type Edit, edits } from "./tree-edits.js";
import { upkeepCommands } from "./upkeep-commands.js";
import type { ModelSnapshot, World } from "./world.js";

const edit = fc.array(edits, { minLength: 1, maxLength: 8 }).map(editCommand);
const snapshot = fc
  .record({
    workers: fc.constantFrom(undefined, 0, 2),
    dropCaches: fc.boolean(),
    series: fc.constantFrom(undefined, "daily", "weekly"),
    parent: fc.option(fc.nat(20), { nil: undefined }),
  })
  .map(snapshotCommand);

/** Commands of all kinds; what comes more often stands there more than once. */
export const storeCommands: readonly fc.Arbitrary<Command>[] = [
  ...[edit, edit, edit, snapshot, snapshot],
  fc
    .record({ which: fc.nat(20), compare: fc.nat(9).map((number) => number === 0) })
    .map(restoreNewCommand),
  fc.nat(20).map(restoreInPlaceCommand),
  fc
    .record({ which: fc.nat(20), paths: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }) })
    .map(restorePathsCommand),
  fc.tuple(fc.nat(20), fc.nat(20)).map(diffCommand),
  fc.record({ which: fc.nat(20), reparent: fc.boolean() }).map(removeCommand),
  fc.boolean().map(gcCommand),
  fc.constant(command("reopen", "", async (world) => world.reopen())),
  ...upkeepCommands,
];

function editCommand(list: readonly Edit[]): Command {
  return command("edit", list, async (world) => {
    for (const edit of list) applyEdit(edit, world.directory, world.tree);
  });
}

function snapshotCommand(options: {
  workers: number | undefined;
  dropCaches: boolean;
  series: string | undefined;
  parent: number | undefined;
}): Command {
  return command("snapshot", options, async (world) => {
    if (options.dropCaches) world.dropCaches();
    const { workers, series } = options;
    const parent = world.snapshots[(options.parent ?? 0) % world.snapshots.length]?.id;
    const label = world.newLabel();
    const { snapshot, report } = await world.store.snapshot(world.directory, {
      durability: "relaxed",
      labels: { label },
      ...(workers !== undefined && { workers }),
      ...(series !== undefined && { name: `${series}@${label}` }),
      ...(options.parent !== undefined && parent !== undefined && { parent }),
    });
    // It is what the model says, and looking at it has not changed it.
    world.expectDirectory();
    expect(lines(await listSnapshot(snapshot))).toEqual(
      lines(world.listing, { without: ["link"] }),
    );
    expect(report.entries).toBe(world.tree.size - 1);
    expect(report.changed.count + report.unreadable.count + report.skipped.count).toBe(0);
    world.note(snapshot);
    const stats = await world.store.stats();
    expect(stats.snapshots).toBe(world.snapshots.length);
  });
}

function restoreNewCommand(options: { which: number; compare: boolean }): Command {
  return withSnapshot(
    "restore to a new directory",
    options,
    options.which,
    async (world, snapshot) => {
      const target = world.newDirectory();
      await world.store.restore(snapshot.id, target);
      expect(lines(listTree(target))).toEqual(lines(snapshot.listing));
      const isCurrent = snapshot.digest === world.digests.get(lines(world.listing).join("\n"));
      if (options.compare && isCurrent)
        expect(await compareTrees(world.directory, target)).toEqual([]);
      const again = await world.store.snapshot(target, { durability: "relaxed" });
      expect(again.snapshot.digest).toBe(snapshot.digest);
      await world.drop(again.snapshot, snapshot);
      await removeTree(target);
    },
  );
}

function restoreInPlaceCommand(which: number): Command {
  return withSnapshot("restore in place", which, which, restoreInPlace);
}

function restorePathsCommand(options: { which: number; paths: readonly number[] }): Command {
  return withSnapshot("restore paths", options, options.which, async (world, snapshot) => {
    await restorePaths(world, snapshot, options.paths);
  });
}

function diffCommand([first, second]: [number, number]): Command {
  const run = async (world: World, a: ModelSnapshot) => {
    const b = world.snapshots[second % world.snapshots.length]!;
    const changes = [];
    for await (const change of world.store.diff(a.id, b.id)) changes.push(change);
    if (a.digest === b.digest) expect(changes).toEqual([]);
    const [before, after] = await Promise.all([
      entriesOf(await world.store.get(a.id)),
      entriesOf(await world.store.get(b.id)),
    ]);
    expect(entryLines(applyChanges(before, changes))).toEqual(entryLines(after));
  };
  return withSnapshot("diff", [first, second], first, run);
}

function removeCommand(options: { which: number; reparent: boolean }): Command {
  return withSnapshot("remove", options, options.which, async (world, snapshot) => {
    const { id } = snapshot;
    const removed = world.store.remove(id, { reparent: options.reparent });
    const isParent = world.snapshots.some(({ parents }) => parents.includes(id));
    if (world.pins.has(id) || (isParent && !options.reparent)) {
      await expect(removed).rejects.toMatchObject({ code: "IN_USE" });
    } else {
      await removed;
      world.remove(snapshot);
      await expect(world.store.get(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    await world.expectSnapshots();
  });
}

/** Nothing is left that no snapshot refers to, and all of them are there. */
function gcCommand(isDry: boolean): Command {
  return command("gc", isDry, async (world) => {
    const before = await world.store.stats();
    const report = await world.store.gc({ dryRun: isDry });
    expect(report.chunksKept + report.chunksRemoved).toBe(before.chunks);
    const after = await world.store.stats();
    expect(after.chunks).toBe(isDry ? before.chunks : report.chunksKept);
    if (isDry) return;
    const again = await world.store.gc();
    expect(again).toMatchObject({ chunksRemoved: 0, chunksKept: report.chunksKept });
    world.noteCollection();
    await world.expectContents();
  });
}
