/** Commands: what a user does to a store, each with what must hold afterwards. */
import fc from "fast-check";
import { expect } from "vitest";
import { compareTrees } from "../support/compare-trees.js";
import { removeTree } from "../support/scratch.js";
import { applyChanges, entriesOf, entryLines } from "./apply-changes.js";
import { lines, listSnapshot, listTree } from "./listing.js";
import { restoreInPlace } from "./restore-in-place.js";
import { restorePaths } from "./restore-paths.js";
import { applyEdit, type Edit, edits } from "./tree-edits.js";
import type { ModelSnapshot, World } from "./world.js";

type Command = fc.AsyncCommand<object, World>;

const edit = fc.array(edits, { minLength: 1, maxLength: 8 }).map(editCommand);
const snapshot = fc
  .record({ workers: fc.constantFrom(undefined, 0, 2), dropCaches: fc.boolean() })
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
  fc.nat(20).map(removeCommand),
  fc.boolean().map(gcCommand),
  fc.constant(command("reopen", "", async (world) => world.reopen())),
];

function editCommand(list: readonly Edit[]): Command {
  return command("edit", list, async (world) => {
    for (const edit of list) applyEdit(edit, world.directory, world.tree);
  });
}

function snapshotCommand(options: { workers: number | undefined; dropCaches: boolean }): Command {
  return command("snapshot", options, async (world) => {
    if (options.dropCaches) world.dropCaches();
    const { snapshot, report } = await world.store.snapshot(world.directory, {
      durability: "relaxed",
      ...(options.workers === undefined ? {} : { workers: options.workers }),
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
      await world.store.remove(again.snapshot);
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

function removeCommand(which: number): Command {
  return withSnapshot("remove", which, which, async (world, snapshot) => {
    await world.store.remove(snapshot.id);
    world.snapshots.splice(world.snapshots.indexOf(snapshot), 1);
    await expect(world.store.get(snapshot.id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect((await world.store.snapshots()).map(({ id }) => id)).toEqual(
      world.snapshots.map(({ id }) => id),
    );
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
    for (const { id, listing } of world.snapshots) {
      expect(lines(await listSnapshot(await world.store.get(id)))).toEqual(
        lines(listing, { without: ["link"] }),
      );
    }
  });
}

function withSnapshot(
  name: string,
  options: unknown,
  which: number,
  run: (world: World, snapshot: ModelSnapshot) => Promise<void>,
): Command {
  return command(name, options, async (world) => {
    const snapshot = world.snapshots[which % world.snapshots.length];
    if (snapshot !== undefined) await run(world, snapshot);
  });
}

function command(name: string, options: unknown, run: (world: World) => Promise<void>): Command {
  return {
    check: () => true,
    run: async (_, world) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      await run(world);
    },
    toString: () => `${name} ${fc.stringify(options)}`,
  };
}

/** How often each command ran. */
export const counts = new Map<string, number>();
