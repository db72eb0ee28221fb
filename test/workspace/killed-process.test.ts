/**
 * `kill -9` before any step of what is done with workspaces: the next process finds each workspace as it was, as it
 * was to become, or says that it is not whole; and takes away what is left.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Store } from "#dist/store.js";
import type { Workspace } from "#dist/workspace/workspace.js";
import { mountsBelow } from "../support/mount-points.js";
import { runScript } from "../support/script.js";
import { Ground, type GroundFixture, type Place, places } from "./ground.js";
import { expectCaptured, expectState, inDirectory, leftovers } from "./workspace-fixture.js";

const act = new URL("children/act.mjs", import.meta.url);

const tree =
  "mkdir -p a/b; echo 1 >a/1; echo 2 >a/b/2; head -c 100000 /dev/urandom >large; ln a/1 link";
const edit = "echo more >>a/1; mv a/b moved; echo new >new; rm large";

/** More steps than this are not all tried: those that are, are spread over the action. STEPS=1000 tries all. */
const TRIED_MAX = Number(process.env.STEPS ?? 6);

interface Scene extends GroundFixture {
  readonly workspace: string;
  /** The states that the action starts from and leads to. */
  readonly digests: Readonly<Record<"base" | "edited", string>>;
}

/** What is done, and in which states its workspace may be found afterwards. */
interface Killed {
  readonly action: string;
  /** Whether the driver has done it before, so that what it caches is there. */
  readonly isPrepared: boolean;
  readonly mayBe: readonly (keyof Scene["digests"])[];
  /** Whether it may be gone. */
  readonly mayBeGone: boolean;
}

const cases: Readonly<Record<string, Killed>> = {
  "a first fork": { action: "fork", isPrepared: false, mayBe: ["base"], mayBeGone: true },
  "a fork": { action: "fork", isPrepared: true, mayBe: ["base"], mayBeGone: true },
  "a snapshot": { action: "snapshot", isPrepared: true, mayBe: ["edited"], mayBeGone: false },
  "a restore": { action: "restore", isPrepared: true, mayBe: ["edited", "base"], mayBeGone: false },
  "a discard": { action: "discard", isPrepared: true, mayBe: ["edited"], mayBeGone: true },
};

/** What is done alike by two drivers is tried with one of them. */
const tried: readonly (readonly [Place, readonly string[]])[] = [
  [places.overlayfs, Object.keys(cases)],
  [places["overlayfs-checkout"], ["a first fork"]],
  [places.copy, Object.keys(cases).filter((name) => name !== "a first fork")],
];

for (const [place, names] of tried)
  describe(`by ${place.driver}`, () => {
    const ground = new Ground(place);
    for (const [name, killed] of Object.entries(cases).filter(([each]) => names.includes(each)))
      ground.test(`${name} that is killed at any step leaves nothing half-used`, async () => {
        const total = await stepsOf(ground, killed);
        expect(total).toBeGreaterThan(2);
        const stride = Math.max(1, Math.ceil(total / TRIED_MAX));
        for (let step = 1; step <= total; step += stride) {
          const scene = await sceneOf(ground, killed);
          const { signal } = await runAction(scene, killed, step);
          expect([step, signal]).toEqual([step, "SIGKILL"]);
          await expectSound(scene, killed).catch((error: unknown) => {
            throw new Error(`Killed at step ${step} of ${total}`, { cause: error });
          });
        }
      });
  });

/** Returns how many steps an action has that is not killed. */
async function stepsOf(ground: Ground, killed: Killed): Promise<number> {
  const scene = await sceneOf(ground, killed);
  const { exitCode, stdout, stderr } = await runAction(scene, killed, 0);
  expect([exitCode, stderr]).toEqual([0, ""]);
  await expectSound(scene, killed);
  return Number(stdout);
}

async function sceneOf(ground: Ground, { action, isPrepared }: Killed): Promise<Scene> {
  const fixture = await ground.captured(tree);
  const { store, scratch, fork } = fixture;
  const base = (await store.get("base")).digest;
  let edited = base;
  if (isPrepared) {
    const other = await fork({ dir: join(scratch, "other") });
    await other.discard();
  }
  const workspace = join(scratch, "workspace");
  if (action !== "fork") {
    await fork();
    inDirectory(workspace, edit);
    const { snapshot } = await store.snapshot(workspace);
    edited = snapshot.digest;
    // The directory that is not known yet is not to be known afterwards either.
    await store.remove(snapshot);
  }
  // The one that is killed is alone.
  await store.close();
  return { ...fixture, workspace, digests: { base, edited } };
}

function runAction(scene: Scene, { action }: Killed, step: number) {
  const { workspace, storeDirectory, driver } = scene;
  const what =
    action === "fork"
      ? { action, driver, dir: workspace }
      : { action, workspace, snapshot: "base" };
  return runScript(act, [storeDirectory, JSON.stringify(what), String(step)]);
}

/** Fails unless another process can go on from what is there. */
async function expectSound(scene: Scene, killed: Killed): Promise<void> {
  const { scratch, storeDirectory, workspace: path, digests, fork } = scene;
  const store = await Store.open(storeDirectory, { create: false });
  try {
    const listed = (await store.workspaces()).map((each) => each.path);
    expect(killed.mayBeGone ? [path, ...listed] : listed).toContain(path);
    if (listed.includes(path)) {
      const workspace = await attached(store, path);
      const { snapshot } = await store.snapshot(path);
      const allowed = [...killed.mayBe.map((name) => digests[name]), workspace.head.digest];
      expect(allowed).toContain(snapshot.digest);
      inDirectory(path, "echo on >on");
      await expectCaptured(store, workspace);
      await workspace.rollback();
      await expectState(store, path, workspace.head.digest);
    } else {
      // Its directory is free, whatever was in it.
      await fork({ dir: path }, store);
      await expectState(store, path, digests.base);
    }
    // Another fork, and nothing is mounted that no workspace needs.
    const other = join(scratch, "another");
    mkdirSync(other);
    await fork({ dir: other }, store);
    const known = [path, other];
    const strange = mountsBelow(scratch).filter(
      (each) => !known.includes(each) && !each.startsWith(`${storeDirectory}/mounts/`),
    );
    expect(strange).toEqual([]);
    for (const each of await store.workspaces()) await store.discard(each.id);
  } finally {
    await store.close();
  }
  expect(leftovers({ scratch, storeDirectory })).toEqual([]);
}

/** Attaches a workspace; one that is said not to be whole is brought back to its last snapshot. */
async function attached(store: Store, path: string): Promise<Workspace> {
  try {
    return await store.workspace(path);
  } catch (error) {
    expect(error).toMatchObject({ code: "WORKSPACE_DIRTY", path });
    return store.workspace(path, { ifDirty: "rollback" });
  }
}
