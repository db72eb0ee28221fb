/** Opening a store: what is refused, and who may read what is made. */
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openSqlite } from "#dist/database/sqlite.js";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { runChild } from "./child.js";
import { editedDirectory } from "./edited-directory.js";

test("Store.open() refuses a store of a newer format and leaves it alone", async () => {
  const { scratch, store, snapshot } = await editedDirectory("echo 1 >f");
  await snapshot();
  await store.close();
  const file = join(scratch, "store", "catalog.sqlite");
  const database = openSqlite(file);
  database.pragma("user_version = 1000");
  database.close();
  await expect(Store.open(join(scratch, "store"))).rejects.toMatchObject({
    code: "STORE_TOO_NEW",
    path: file,
    message: expect.stringMatching(/version 1000.*upgrade/),
  });
  const again = openSqlite(file);
  expect(again.pragma("user_version", { simple: true })).toBe(1000);
  expect(again.prepare("SELECT count(*) FROM session").pluck().get()).toBe(0);
  again.close();
});

test("Store.open() refuses a directory with other content and puts nothing there", async () => {
  const { directory } = await editedDirectory("echo 1 >f");
  await expect(Store.open(directory)).rejects.toMatchObject({
    code: "NOT_A_STORE",
    path: directory,
  });
  expect(readdirSync(directory)).toEqual(["f"]);
});

test("Store.open() refuses another program's database", async () => {
  const { directory, edit } = await editedDirectory();
  const database = openSqlite(join(directory, "catalog.sqlite"));
  database.exec("CREATE TABLE mine (a); PRAGMA user_version = 1");
  database.close();
  await expect(Store.open(directory)).rejects.toMatchObject({ code: "NOT_A_STORE" });
  await edit("echo no database at all, and longer than its header would be >catalog.sqlite");
  await expect(Store.open(directory)).rejects.toMatchObject({ code: "CORRUPT" });
});

test("Store.open() refuses to make a store where none may be made, or in a file's place", async () => {
  const { scratch, directory } = await editedDirectory("echo 1 >f");
  const missing = join(scratch, "missing");
  await expect(Store.open(missing, { create: false })).rejects.toMatchObject({
    code: "NOT_A_STORE",
  });
  expect(readdirSync(scratch)).not.toContain("missing");
  await expect(Store.open(join(directory, "f"))).rejects.toMatchObject({
    code: "NOT_A_DIRECTORY",
  });
  await expect(Store.open(join(directory, "f/below"))).rejects.toMatchObject({
    code: "NOT_A_DIRECTORY",
  });
});

testIf(
  "root",
  "Store.open() refuses a store of another user, who may be root and may be not",
  async () => {
    const { scratch, store } = await editedDirectory();
    await store.close();
    const directory = join(scratch, "store");
    await run("chmod", ["755", scratch]);
    for (const create of [true, false]) {
      const child = await runChild("open-store", [directory, String(create)], { uid: 65_534 });
      expect(JSON.parse(child.stdout)).toMatchObject({ code: "NOT_OWNER", path: directory });
    }
    await run("chown", ["-R", "65534", directory]);
    await expect(Store.open(directory)).rejects.toMatchObject({
      code: "NOT_OWNER",
      message: expect.stringMatching(/belongs to user 65534.*runs as 0/),
    });
  },
);

test("Store.open() makes files for their owner alone, whatever the umask is", async () => {
  const before = process.umask(0);
  try {
    const { scratch, snapshot, store } = await editedDirectory("echo 1 >f");
    await snapshot();
    const directory = join(scratch, "store");
    const paths = readdirSync(directory, { recursive: true, encoding: "utf8" });
    const open = paths.filter((path) => (statSync(join(directory, path)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    await store.close();
  } finally {
    process.umask(before);
  }
});

test("a store whose catalog was removed or replaced takes no further snapshot, instead of losing it", async () => {
  const { scratch, store, snapshot } = await editedDirectory("echo 1 >f");
  await snapshot();
  const overlay = store.overlay();
  const directory = join(scratch, "store");
  for (const name of readdirSync(directory))
    if (name.startsWith("catalog")) rmSync(join(directory, name));
  const replaced = { code: "STORE_REPLACED" };
  await expect(snapshot()).rejects.toMatchObject(replaced);
  await expect(overlay.snapshot()).rejects.toMatchObject(replaced);
  writeFileSync(join(directory, "catalog.sqlite"), "");
  await expect(snapshot()).rejects.toMatchObject(replaced);
});

test("CommonJS can require the library and its adapters", async () => {
  const entries = [
    "index",
    "adapters/node-fs",
    "adapters/just-bash",
    "adapters/memfs",
    "adapters/vfs",
  ];
  const files = entries.map((entry) => fileURLToPath(import.meta.resolve(`#dist/${entry}.js`)));
  const script = `for (const file of ${JSON.stringify(files)}) console.log(Object.keys(require(file)).length > 0)`;
  const { stdout } = await run(process.execPath, ["--eval", script]);
  expect(stdout.trim().split("\n")).toEqual(entries.map(() => "true"));
});
