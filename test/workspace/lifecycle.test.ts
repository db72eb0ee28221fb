/** How workspaces come, stay and go. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/store.js";
import { testIf } from "../tooling/test-if.js";
import { capturedBy, inDirectory, mountsBelow, needs } from "./workspace-fixture.js";

const small = "mkdir a; echo 1 >a/1; echo 2 >2; head -c 100000 /dev/urandom >large";

testIf(
  needs,
  "a fork shows the snapshot, and nothing is mounted once all are discarded",
  async () => {
    const { store, scratch, source, storeDirectory } = await capturedBy(small);
    const dir = join(scratch, "not", "there", "yet");
    const workspace = await store.fork("base", { dir, name: "attempt" });
    expect(workspace).toMatchObject({ path: dir, name: "attempt", driver: "overlayfs" });
    expect(inDirectory(scratch, `diff -r ${source} ${dir} && echo same`)).toBe("same\n");
    expect((await store.workspaces()).map(({ path, name }) => ({ path, name }))).toEqual([
      { path: dir, name: "attempt" },
    ]);
    await workspace.discard();
    expect(existsSync(dir)).toBe(false);
    expect(await store.workspaces()).toEqual([]);
    await store.close();
    expect(mountsBelow(scratch)).toEqual([]);
    expect(readdirSync(join(storeDirectory, "trash"))).toEqual([]);
    expect(readdirSync(join(storeDirectory, "mounts"))).toEqual([]);
  },
);

testIf(
  needs,
  "a workspace is found again by another handle, which knows nothing of the first",
  async () => {
    const { store, scratch, storeDirectory } = await capturedBy(small);
    const dir = join(scratch, "workspace");
    const first = await store.fork("base", { dir, name: "kept" });
    writeFileSync(join(dir, "2"), "other");
    const { snapshot } = await first.snapshot();
    writeFileSync(join(dir, "new"), "later");
    await store.close();
    expect(mountsBelow(scratch)).toContain(dir);

    const again = await Store.open(storeDirectory);
    onTestFinished(() => again.close());
    for (const key of [first.id, "kept", dir]) {
      const workspace = await again.workspace(key);
      expect(workspace.head.id).toBe(snapshot.id);
    }
    const workspace = await again.workspace("kept");
    const changes: string[] = [];
    for await (const { path } of workspace.changes()) changes.push(path);
    expect(changes).toContain("new");
    await workspace.rollback();
    expect(readFileSync(join(dir, "2"), "utf8")).toBe("other");
    expect(existsSync(join(dir, "new"))).toBe(false);
    await workspace.discard();
  },
);

testIf(
  needs,
  "a workspace that is not mounted any more is mounted again with what was changed in it",
  async () => {
    const { store, scratch } = await capturedBy(small);
    const dir = join(scratch, "workspace");
    await store.fork("base", { dir });
    writeFileSync(join(dir, "new"), "kept");
    inDirectory(scratch, `umount ${dir} && umount --lazy store/mounts/*`);
    expect(readdirSync(dir)).toEqual([]);
    const workspace = await store.workspace(dir);
    expect(readFileSync(join(dir, "new"), "utf8")).toBe("kept");
    expect((await workspace.snapshot()).isUnchanged).toBe(false);
  },
);

testIf(
  needs,
  "one that was in use when the machine stopped is not used as if nothing had happened",
  async () => {
    const { store, scratch, storeDirectory } = await capturedBy(small);
    const dir = join(scratch, "workspace");
    const { id } = await store.fork("base", { dir });
    writeFileSync(join(dir, "new"), "perhaps torn");
    // As after a power cut: the mount is gone, its mark is there, and the machine is in another boot.
    const mark = join(storeDirectory, "workspaces", id, "layer/work/work/incompat/volatile");
    expect(existsSync(mark)).toBe(true);
    inDirectory(scratch, `umount ${dir}`);
    mkdirSync(mark, { recursive: true });
    await store.close();
    const catalog = new Database(join(storeDirectory, "catalog.sqlite"));
    catalog.exec("UPDATE workspace SET boot = 'an earlier one'");
    catalog.close();
    const again = await Store.open(storeDirectory);
    onTestFinished(() => again.close());
    await expect(again.workspace(dir)).rejects.toMatchObject({
      code: "WORKSPACE_DIRTY",
      path: dir,
    });
    expect(mountsBelow(scratch)).not.toContain(dir);
    const workspace = await again.workspace(dir, { ifDirty: "rollback" });
    expect(existsSync(join(dir, "new"))).toBe(false);
    expect((await workspace.snapshot()).isUnchanged).toBe(true);
    await again.discard(dir);
  },
);

testIf(needs, "a workspace that a program works in is refused, naming it", async () => {
  const { store, scratch } = await capturedBy(small);
  const dir = join(scratch, "workspace");
  const workspace = await store.fork("base", { dir });
  const program = spawn("sleep", ["1000"], { cwd: dir });
  onTestFinished(() => void program.kill("SIGKILL"));
  writeFileSync(join(dir, "new"), "kept");
  for (const action of [() => workspace.rollback(), () => workspace.discard()]) {
    await expect(action()).rejects.toMatchObject({
      code: "WORKSPACE_BUSY",
      message: expect.stringContaining(`sleep (pid ${program.pid})`),
    });
  }
  expect(readFileSync(join(dir, "new"), "utf8")).toBe("kept");
  // A snapshot needs nobody to stop.
  expect((await workspace.snapshot()).isUnchanged).toBe(false);
  program.kill("SIGKILL");
  await once(program, "exit");
  await workspace.discard();
});

testIf(needs, "snapshots that a workspace stands on are not removed", async () => {
  const { store, scratch } = await capturedBy(small);
  const workspace = await store.fork("base", { dir: join(scratch, "workspace") });
  writeFileSync(join(workspace.path, "new"), "x");
  const { snapshot } = await workspace.snapshot();
  for (const each of ["base", snapshot.id])
    await expect(store.remove(each, { reparent: true })).rejects.toMatchObject({
      code: "IN_USE",
      message: expect.stringContaining(workspace.path),
    });
  await workspace.discard();
  await store.remove(snapshot);
});

testIf(needs, "forks are refused where they would do harm", async () => {
  const { store, scratch, source, storeDirectory } = await capturedBy(small);
  const refusals: readonly (readonly [string, string])[] = [
    [source, "TARGET_NOT_EMPTY"],
    [join(storeDirectory, "packs", "x"), "INVALID_ARGUMENT"],
    [scratch, "INVALID_ARGUMENT"],
    [storeDirectory, "INVALID_ARGUMENT"],
  ];
  for (const [dir, code] of refusals)
    await expect(store.fork("base", { dir })).rejects.toMatchObject({ code });
  await expect(store.fork("nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await store.fork("base", { name: "taken", dir: join(scratch, "first") });
  await expect(
    store.fork("base", { name: "taken", dir: join(scratch, "second") }),
  ).rejects.toMatchObject({ code: "NAME_TAKEN" });
  expect(existsSync(join(scratch, "second"))).toBe(false);
  expect(await store.workspaces()).toHaveLength(1);
  await expect(store.workspace("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

testIf(needs, "a fork of a damaged snapshot fails and names the chunk; others go on", async () => {
  const { store, scratch, storeDirectory } = await capturedBy("echo good >good");
  const sound = join(scratch, "sound");
  mkdirSync(sound);
  inDirectory(sound, "echo other >other");
  inDirectory(
    storeDirectory,
    `node -e '
      const fs = require("fs"); const file = "packs/" + fs.readdirSync("packs")[0];
      const bytes = fs.readFileSync(file); bytes[bytes.indexOf("good\\n")] ^= 1; fs.writeFileSync(file, bytes);'`,
  );
  await expect(store.fork("base", { dir: join(scratch, "w") })).rejects.toMatchObject({
    code: "CORRUPT",
    digest: expect.stringMatching(/^sha256:/),
  });
  expect(await store.workspaces()).toEqual([]);
  expect(mountsBelow(scratch)).toEqual([]);
  await store.snapshot(sound, { name: "sound" });
  const workspace = await store.fork("sound", { dir: join(scratch, "w") });
  expect(readdirSync(workspace.path)).toEqual(["other"]);
});

testIf(needs, "depth never grows: the thousandth generation has at most three layers", async () => {
  const { store, scratch } = await capturedBy(small);
  let workspace = await store.fork("base", { dir: join(scratch, "0") });
  for (let generation = 1; generation <= 1000; generation++) {
    writeFileSync(join(workspace.path, `file-${generation % 7}`), String(generation));
    const next = await workspace.fork({
      dir: join(scratch, String(generation)),
      durability: "relaxed",
    });
    await workspace.discard();
    workspace = next;
  }
  const overlay = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find((line) => line.split(" ")[4] === workspace.path);
  expect(overlay?.match(/lowerdir\+=/g)?.length).toBeLessThanOrEqual(2);
  expect(readdirSync(workspace.path)).toHaveLength(10);
  // The overlay, its delta and the anchor's image: what the others stood on is not mounted any more.
  expect(mountsBelow(scratch)).toHaveLength(3);
});

testIf(needs, "many at once, with programs running in them", async () => {
  const { store, scratch } = await capturedBy(small);
  const results = await store.forkMany("base", 60);
  const workspaces = results.map(
    (each) =>
      (each as PromiseFulfilledResult<never>).value as Awaited<ReturnType<typeof store.fork>>,
  );
  expect(new Set(workspaces.map(({ path }) => path)).size).toBe(60);
  const outputs = await Promise.all(
    workspaces.map((each, index) => each.exec("sh", ["-c", `echo ${index} >own; cat own 2`])),
  );
  expect(outputs.map(({ stdout }) => stdout)).toEqual(
    workspaces.map((_, index) => `${index}\n2\n`),
  );
  const digests = await Promise.all(
    workspaces.map(
      async (each) => (await each.snapshot({ durability: "relaxed" })).snapshot.digest,
    ),
  );
  expect(new Set(digests).size).toBe(60);
  await Promise.all(workspaces.map((each) => each.discard()));
  await store.close();
  expect(mountsBelow(scratch)).toEqual([]);
});
