/** What a workspace is not made of, or for; nothing is left of it then. */
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/store.js";
import { makeLoopFileSystem } from "../../support/loop-file-system.js";
import { run } from "../../support/run.js";
import { testIf } from "../../tooling/test-if.js";
import type { Ground, GroundFixture } from "../ground.js";
import { expectState, inDirectory, leftovers } from "../workspace-fixture.js";

const small = "mkdir a; echo 1 >a/1; echo 2 >2; head -c 100000 /dev/urandom >large";
/** Enough for every driver to take a while, and to write several megabytes. */
const large =
  "for d in {1..10}; do mkdir $d; for f in {1..80}; do head -c 2500 /dev/urandom >$d/$f; done; done; head -c 2000000 /dev/urandom >large";

export function refusalContract(ground: Ground): void {
  const { driver } = ground.place;

  ground.test("forks are refused where they would do harm", async () => {
    const { store, scratch, source, storeDirectory, fork } = await ground.captured(small);
    symlinkSync(storeDirectory, join(scratch, "link"));
    const refusals: readonly (readonly [string, string])[] = [
      [source, "TARGET_NOT_EMPTY"],
      [join(source, "2"), "NOT_A_DIRECTORY"],
      [join(source, "2", "below"), "NOT_A_DIRECTORY"],
      [join(storeDirectory, "packs", "x"), "INVALID_ARGUMENT"],
      [join(scratch, "link", "x"), "INVALID_ARGUMENT"],
      [scratch, "INVALID_ARGUMENT"],
      [storeDirectory, "INVALID_ARGUMENT"],
      ["/", "INVALID_ARGUMENT"],
    ];
    const before = readdirSync(scratch);
    for (const [dir, code] of refusals) {
      const error = await fork({ dir }).catch((thrown: unknown) => thrown);
      expect([dir, error]).toEqual([dir, expect.objectContaining({ code, name: "CoppiceError" })]);
    }
    await expect(store.fork("nothing", { driver })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(fork({ driver: "zfs" as never })).rejects.toThrow(TypeError);
    await expect(fork({ onExit: "never" as never })).rejects.toThrow(TypeError);
    await expect(fork({ name: "" })).rejects.toThrow(TypeError);
    await expect(store.workspace("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(store.discard("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await store.workspaces()).toEqual([]);
    expect(readdirSync(scratch)).toEqual(before);

    await fork({ name: "taken", dir: join(scratch, "first") });
    await expect(fork({ name: "taken", dir: join(scratch, "second") })).rejects.toMatchObject({
      code: "NAME_TAKEN",
    });
    // A workspace's directory is taken, and so is what lies in it.
    for (const dir of [join(scratch, "first"), join(scratch, "first", "a")])
      await expect(fork({ dir })).rejects.toMatchObject({ code: "TARGET_NOT_EMPTY" });
    expect(readdirSync(scratch).sort()).toEqual([...before, "first"].sort());
    expect(await store.workspaces()).toHaveLength(1);
  });

  ground.test("a fork of a damaged snapshot names the chunk, and others go on", async () => {
    const { store, scratch, storeDirectory, fork } = await ground.captured("echo good >good");
    const sound = join(scratch, "sound");
    mkdirSync(sound);
    inDirectory(sound, "echo other >other");
    inDirectory(
      storeDirectory,
      `node -e '
        const fs = require("fs"); const file = "packs/" + fs.readdirSync("packs")[0];
        const bytes = fs.readFileSync(file); bytes[bytes.indexOf("good\\n")] ^= 1; fs.writeFileSync(file, bytes);'`,
    );
    for (const dir of [join(scratch, "there"), join(scratch, "missing")]) {
      if (dir.endsWith("there")) mkdirSync(dir);
      await expect(fork({ dir })).rejects.toMatchObject({
        code: "CORRUPT",
        digest: expect.stringMatching(/^sha256:/),
      });
    }
    // A directory that was there stays, empty; one that was not does not come to be.
    expect(readdirSync(join(scratch, "there"))).toEqual([]);
    expect(readdirSync(scratch)).not.toContain("missing");
    expect(await store.workspaces()).toEqual([]);
    await store.snapshot(sound, { name: "sound" });
    const workspace = await store.fork("sound", { dir: join(scratch, "there"), driver });
    expect(readdirSync(workspace.path)).toEqual(["other"]);
    // A workspace that cannot be brought to it stays what it is.
    inDirectory(workspace.path, "echo kept >kept");
    const base = await store.get("base");
    await expect(workspace.restore(base)).rejects.toMatchObject({ code: "CORRUPT" });
    await workspace.rollback();
    await expectState(store, workspace.path, workspace.head.digest);
    await workspace.discard();
    await store.close();
    expect(leftovers({ scratch, storeDirectory })).toEqual([]);
  });

  ground.test("a first fork that is aborted leaves nothing", async () => {
    const fixture = await ground.captured(large);
    const { store, fork } = fixture;
    await expect(fork({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
    const reason = new Error("enough");
    const codes: string[] = [];
    for (const turns of [0, 2, 6]) {
      const controller = new AbortController();
      const forked = fork({ signal: controller.signal }).then(
        (workspace) => workspace,
        (error: unknown) => error,
      );
      for (let count = 0; count < turns; count++) await turn();
      controller.abort(reason);
      const outcome = await forked;
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ code: "ABORTED", cause: reason });
        await expectNothing(fixture);
        codes.push("ABORTED");
      } else {
        await store.discard(join(fixture.scratch, "workspace"));
        break; // It was faster; the next one would be again.
      }
    }
    expect(codes.length).toBeGreaterThan(0);
    const workspace = await fork();
    await expectState(store, workspace.path, (await store.get("base")).digest);
    await workspace.discard();
  });

  const type = ground.place.fileSystem ?? "xfs";
  testIf(
    [...ground.place.needs, `loop-${type}`],
    "a fork to a full disk says so and leaves nothing, and works once there is room",
    async () => {
      const disk = makeLoopFileSystem(type);
      onTestFinished(() => disk.remove());
      const fixture = await ground.captured(large, disk.directory);
      const { store, fork } = fixture;
      const full: number[] = [];
      for (const room of [0, 1_000_000]) {
        await fill(disk.directory, room);
        const outcome = await fork().catch((error: unknown) => error);
        if (outcome instanceof Error) {
          expect([room, outcome]).toEqual([room, expect.objectContaining({ code: "DISK_FULL" })]);
          full.push(room);
          await expectNothing(fixture);
        } else await store.discard(join(fixture.scratch, "workspace"));
        await run("rm", [join(disk.directory, "ballast")]);
      }
      expect(full).toContain(0);
      const workspace = await fork();
      const { digest } = await store.get("base");
      await expectState(store, workspace.path, digest);
      inDirectory(workspace.path, "head -c 2000000 /dev/urandom >more");
      await fill(disk.directory, 0);
      await expect(workspace.snapshot()).rejects.toMatchObject({ code: "DISK_FULL" });
      await run("rm", [join(disk.directory, "ballast")]);
      expect((await workspace.snapshot()).isUnchanged).toBe(false);
      await workspace.discard();
    },
  );
}

/** Fails unless nothing is left of a fork that failed, neither now nor for another handle. */
async function expectNothing({ store, scratch, storeDirectory }: GroundFixture): Promise<void> {
  expect(await store.workspaces()).toEqual([]);
  expect(readdirSync(scratch)).not.toContain("workspace");
  // Layers that a later fork will use may be mounted while the store is open.
  const left = leftovers({ scratch, storeDirectory }).filter((path) => !/mounts\//.test(path));
  expect(left.filter((path) => !path.startsWith("trash/"))).toEqual([]);
  const other = await Store.open(storeDirectory);
  try {
    expect(await other.workspaces()).toEqual([]);
  } finally {
    await other.close();
  }
}

/** Fills a file system up to some bytes: what it needs for itself it does not tell beforehand. */
async function fill(directory: string, room: number): Promise<void> {
  const script = `
    sync --file-system .; size=0; step=$((64 << 20))
    while ((step >= 4096)); do
      if fallocate --offset $size --length $step ballast 2>/dev/null; then ((size += step)); else ((step /= 2)); fi
    done
    truncate --size $((size - ${room})) ballast; sync --file-system .`;
  await run("bash", ["-euc", script], { cwd: directory });
}
