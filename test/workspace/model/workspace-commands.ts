/** Commands: what is done to a workspace, each with what must hold afterwards. */
import fc from "fast-check";
import { expect } from "vitest";
import { command, type Command as ModelCommand } from "../../engine/command.js";
import { compareTrees } from "../../support/compare-trees.js";
import { changesOf } from "../workspace-fixture.js";
import { type SystemEdit, systemEdits } from "./system-edits.js";
import type { KeptState, WorkspaceWorld } from "./workspace-world.js";

type Command = ModelCommand<WorkspaceWorld>;

const edit = fc.array(systemEdits, { minLength: 1, maxLength: 8 }).map(editCommand);

/** Commands of all kinds; what comes more often stands there more than once. */
export const workspaceCommands: readonly fc.Arbitrary<Command>[] = [
  ...[edit, edit, edit, edit],
  ...[fc.constant(snapshotCommand()), fc.constant(snapshotCommand())],
  fc.nat(20).map(restoreCommand),
  fc.constant(command("rollback", "", async (world) => rollBack(world))),
  fc.boolean().map(forkCommand),
  fc.constant(command("changes", "", async (world) => look(world))),
  fc.constant(command("attach", "", async (world) => world.reopen())),
  fc.constant(command("compare", "", async (world) => compare(world))),
];

function editCommand(list: readonly SystemEdit[]): Command {
  return command("edit", list, async (world) => {
    for (const each of list) world.edit(each);
    world.expectSame();
  });
}

function snapshotCommand(): Command {
  return command("snapshot", "", async (world) => takeSnapshot(world));
}

async function takeSnapshot(world: WorkspaceWorld): Promise<void> {
  const { workspace, store } = world;
  const last = world.states.find(({ id }) => id === workspace.head.id)!;
  const { snapshot, isUnchanged } = await workspace.snapshot({ durability: "relaxed" });
  // It is what an ordinary capture of the workspace gives, and but for times of the plain directory.
  await world.expectState(snapshot.digest);
  const { snapshot: plain } = await store.snapshot(world.plain, { durability: "relaxed" });
  expect(snapshot.stateDigest).toBe(plain.stateDigest);
  expect(isUnchanged).toBe(snapshot.digest === last.digest);
  expect(snapshot.id === last.id).toBe(isUnchanged);
  if (!isUnchanged) world.keep(snapshot);
  expect(await changesOf(workspace)).toEqual([]);
}

function restoreCommand(which: number): Command {
  return command("restore", which, async (world) => {
    const state = world.states[which % world.states.length]!;
    await world.workspace.restore(await world.store.get(state.id));
    await expectBrought(world, state);
  });
}

async function rollBack(world: WorkspaceWorld): Promise<void> {
  const state = world.states.find(({ id }) => id === world.workspace.head.id)!;
  await world.workspace.rollback();
  await expectBrought(world, state);
}

async function expectBrought(world: WorkspaceWorld, state: KeptState): Promise<void> {
  await world.bringPlainTo(state);
  world.expectSame();
  await world.expectState(state.digest);
  expect(world.workspace.head.id).toBe(state.id);
  expect((await world.workspace.snapshot()).isUnchanged).toBe(true);
}

/** The fork is worked in from then on, or the workspace that it was made from is. */
function forkCommand(goesOn: boolean): Command {
  return command("fork", goesOn, async (world) => {
    await takeSnapshot(world);
    const { driver } = world.place;
    const child = await world.workspace.fork({ dir: world.newDirectory(), driver });
    expect(child.head.id).toBe(world.workspace.head.id);
    await world.expectState(child.head.digest, child.path);
    world.expectSame(child.path);
    await (goesOn ? world.workspace : child).discard();
    if (goesOn) world.workspace = child;
    world.expectSame();
  });
}

async function look(world: WorkspaceWorld): Promise<void> {
  const told = await changesOf(world.workspace);
  // What nobody was told of has not changed.
  expect(told.length > 0).toBe(!(await world.isState(world.workspace.head.digest)));
}

async function compare(world: WorkspaceWorld): Promise<void> {
  const without = ["times", "holes", ...(world.tellsLinks ? [] : (["links"] as const))] as const;
  expect(await compareTrees(world.plain, world.workspace.path, { without })).toEqual([]);
}
