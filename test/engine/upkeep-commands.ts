/** Upkeep commands: what keeps a store small and sound, and what happens to it, each with what must hold afterwards. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { Store } from "#dist/store.js";
import { type Command, command, withSnapshot } from "./command.js";
import type { ModelSnapshot, World } from "./world.js";

/** Commands of all kinds. */
export const upkeepCommands: readonly fc.Arbitrary<Command>[] = [
  fc.boolean().map(verifyCommand),
  fc.constant(command("repair", "", repairSound)),
  fc.constant(command("repair without a catalog", "", repairWithoutCatalog)),
  fc
    .record({
      keepLast: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      maxPerName: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
      dryRun: fc.boolean(),
    })
    .filter(({ keepLast, maxPerName }) => keepLast !== undefined || maxPerName !== undefined)
    .map(pruneCommand),
  fc.nat(20).map(pinCommand),
  fc.nat(20).map(unpinCommand),
  fc.constantFrom("at rest", "scan", "commit").map(crashCommand),
];

/** Nothing is damaged, whatever was done before. */
function verifyCommand(deep: boolean): Command {
  return command("verify", deep, async (world) => {
    const report = await world.store.verify({ deep });
    expect(report.problems.first).toEqual([]);
    expect(report.damaged.first).toEqual([]);
    expect(report).toMatchObject({ ok: true, affected: [], snapshots: world.snapshots.length });
    expect(world.store.degraded).toEqual([]);
  });
}

/** There is nothing to repair, and so nothing changes. */
async function repairSound(world: World): Promise<void> {
  const before = await world.store.stats();
  const report = await world.store.repair();
  expect(report).toMatchObject({ rebuilt: false, lost: [], quarantined: [], chunksRemoved: 0 });
  if (world.unacknowledged.size === 0) {
    expect(report).toMatchObject({ degraded: [], recovered: [], chunksAdded: 0, remarks: [] });
    expect((await world.store.stats()).chunks).toBe(before.chunks);
  }
  await dropUnacknowledged(world);
  await world.expectSnapshots();
  await world.expectContents();
}

/** All comes back that packs hold: what is there, and what was removed and not collected. What they never held is forgotten. */
async function repairWithoutCatalog(world: World): Promise<void> {
  await world.store.close();
  for (const suffix of ["", "-wal", "-shm"])
    rmSync(join(world.storeDirectory, `catalog.sqlite${suffix}`), { force: true });
  const report = await Store.repair(world.storeDirectory);
  expect(report).toMatchObject({ rebuilt: true, lost: [], unnamed: [] });
  world.store = await Store.open(world.storeDirectory, { create: false });
  world.pins.clear();
  await dropUnacknowledged(world);

  const expected = [...world.snapshots, ...world.removed];
  const found = await world.store.snapshots();
  expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
  const byId = new Map(expected.map((each) => [each.id, each]));
  world.snapshots = found.map(({ id }): ModelSnapshot => {
    const snapshot = byId.get(id)!;
    return { ...snapshot, parents: snapshot.recorded.filter((parent) => byId.has(parent)) };
  });
  world.removed = [];
  await world.expectSnapshots();
  await world.expectContents();
  const times = found.map(({ createdAt }) => createdAt.getTime());
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  // The directory is not known any more, until it is captured.
  const { snapshot } = await world.store.snapshot(world.directory, {
    durability: "relaxed",
    labels: { label: world.newLabel() },
  });
  world.note(snapshot);
}

/**
 * What a repair found that nobody was told of is removed, and so is what comes back from packs that could not be collected: both may
 * miss what was collected meanwhile.
 */
async function dropUnacknowledged(world: World): Promise<void> {
  const known = new Set([...world.snapshots, ...world.removed].map(({ id }) => id));
  for (const { id, labels } of await world.store.snapshots()) {
    if (known.has(id)) continue;
    if (!world.uncollected.has(id)) expect([...world.unacknowledged]).toContain(labels.label);
    await world.store.remove(id, { reparent: true });
  }
}

function pruneCommand(options: {
  keepLast: number | undefined;
  maxPerName: number | undefined;
  dryRun: boolean;
}): Command {
  return command("prune", options, async (world) => {
    const { keepLast, maxPerName, dryRun } = options;
    const policy = {
      ...(keepLast !== undefined && { keepLast }),
      ...(maxPerName !== undefined && { maxPerName }),
    };
    const report = await world.store.prune(policy, { dryRun });
    const going = world.snapshots.filter((each) => !stays(world, each, options));
    expect([...report.pruned].sort()).toEqual(going.map(({ id }) => id).sort());
    if (!dryRun) {
      for (const { id } of going) world.remove(world.snapshots.find((each) => each.id === id)!);
      world.noteCollection();
    }
    await world.expectSnapshots();
    await world.expectContents();
  });
}

function stays(
  { snapshots, pins }: World,
  snapshot: ModelSnapshot,
  { keepLast, maxPerName }: { keepLast: number | undefined; maxPerName: number | undefined },
): boolean {
  const newer = snapshots.slice(0, snapshots.indexOf(snapshot));
  const series = seriesOf(snapshot);
  const newerInSeries = newer.filter((each) => seriesOf(each) === series).length;
  const newerOfSource = newer.filter(({ source }) => source === snapshot.source).length;
  if (pins.has(snapshot.id)) return true;
  if (maxPerName !== undefined && series !== undefined && newerInSeries >= maxPerName) return false;
  return keepLast === undefined || newerOfSource < keepLast;
}

function seriesOf({ name }: ModelSnapshot): string | undefined {
  return name?.split("@")[0];
}

function pinCommand(which: number): Command {
  return withSnapshot("pin", which, which, async (world, { id }) => {
    await world.store.pin(id, { note: "kept" });
    world.pins.add(id);
    await world.expectSnapshots();
  });
}

function unpinCommand(which: number): Command {
  return withSnapshot("unpin", which, which, async (world, { id }) => {
    expect(await world.store.unpin(id)).toBe(world.pins.delete(id));
    await world.expectSnapshots();
  });
}

/** Whenever the process dies, all that it told of is there when the next one looks. */
function crashCommand(when: string): Command {
  return command(`crash, ${when}`, "", async (world) => {
    const label = world.newLabel();
    let left: string | undefined;
    if (when !== "at rest") {
      const { snapshot } = await world.store.snapshot(world.directory, {
        durability: "relaxed",
        labels: { label },
        onProgress: ({ phase }) => {
          if (phase === when) left ??= world.copyStore();
        },
      });
      if (left === undefined) world.note(snapshot);
      else if (when === "commit") world.unacknowledged.add(label);
    }
    await world.crash(left);
    await world.expectSnapshots();
    await world.expectContents();
  });
}
