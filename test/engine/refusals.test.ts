/** What is asked for in vain: a coded error that names it, and nothing changed. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { editedDirectory } from "./edited-directory.js";
import { identities, lines, listTree } from "./listing.js";

describe("snapshot()", () => {
  test("refuses a name that is taken and registers nothing", async () => {
    const { store, directory, edit, snapshot } = await editedDirectory("echo 1 >f");
    const { id } = await snapshot({ name: "taken" });
    await edit("echo 2 >f");
    await expect(snapshot({ name: "taken" })).rejects.toMatchObject({ code: "NAME_TAKEN" });
    await expect(snapshot({ name: id })).rejects.toMatchObject({ code: "NAME_TAKEN" });
    expect((await store.snapshots()).map((each) => each.id)).toEqual([id]);
    await store.remove(id);
    expect((await store.snapshot(directory, { name: "taken" })).snapshot.name).toBe("taken");
  });

  test("refuses a parent that there is not", async () => {
    const { store, snapshot } = await editedDirectory("echo 1 >f");
    await expect(snapshot({ parent: "0".repeat(16) })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await store.snapshots()).toEqual([]);
  });

  test("refuses what is no directory, or not there", async () => {
    const { store, directory } = await editedDirectory(
      "echo 1 >f; ln -s missing dangling; mkfifo fifo",
    );
    for (const [path, code] of [
      ["f", "NOT_A_DIRECTORY"],
      ["fifo", "NOT_A_DIRECTORY"],
      ["f/below", "NOT_A_DIRECTORY"],
      ["missing", "NOT_FOUND"],
      ["dangling", "NOT_FOUND"],
    ] as const) {
      await expect(store.snapshot(join(directory, path))).rejects.toMatchObject({ code });
    }
  });

  test("refuses the store and everything in it", async () => {
    const { store } = await editedDirectory();
    for (const path of ["", "packs", "sessions"]) {
      await expect(store.snapshot(join(store.directory, path))).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    }
  });

  test("leaves out a store that lies in the directory, which a restore then leaves alone", async () => {
    const { store: other, directory, edit } = await editedDirectory("mkdir d; echo 1 >d/f");
    await other.close();
    const store = await Store.open(join(directory, "d", ".store"));
    onTestFinished(() => store.close());
    const { snapshot, report } = await store.snapshot(directory);
    expect(report.excluded).toEqual({ count: 1, paths: [{ path: "d/.store" }] });
    expect((await snapshot.readdir("d")).map(({ name }) => name)).toEqual(["f"]);
    await edit("echo 2 >d/f; echo 3 >d/g");
    await store.restore(snapshot, directory);
    expect(readdirSync(join(directory, "d")).sort()).toEqual([".store", "f"]);
    expect((await store.snapshot(directory)).snapshot.digest).toBe(snapshot.digest);
  });
});

describe("restore()", () => {
  test("refuses content that the store never saw, also as a plan, and force allows it", async () => {
    const { scratch, store, snapshot } = await editedDirectory("echo 1 >f");
    const taken = await snapshot();
    const target = join(scratch, "target");
    await run("bash", ["-euc", "mkdir target; echo mine >target/mine"], { cwd: scratch });
    const before = [lines(listTree(target)), identities(target)];
    for (const options of [{}, { plan: true }, { paths: ["f"] }]) {
      await expect(store.restore(taken, target, options)).rejects.toMatchObject({
        code: "TARGET_NOT_EMPTY",
        path: target,
      });
    }
    expect([lines(listTree(target)), identities(target)]).toEqual(before);
    await store.restore(taken, target, { force: true });
    expect(readdirSync(target)).toEqual(["f"]);
    // From now on it is known: another directory under its name is not.
    await store.restore(taken, target);
    await run("bash", ["-euc", "mv target old; mkdir target; echo mine >target/mine"], {
      cwd: scratch,
    });
    await expect(store.restore(taken, target)).rejects.toMatchObject({ code: "TARGET_NOT_EMPTY" });
  });

  test("refuses a target in the store and makes none", async () => {
    const { store, snapshot } = await editedDirectory("echo 1 >f");
    const taken = await snapshot();
    const before = readdirSync(store.directory, { recursive: true });
    for (const path of ["", "packs", "new", "packs/new/below"]) {
      const target = join(store.directory, path);
      await expect(store.restore(taken, target, { force: true })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    }
    expect(readdirSync(store.directory, { recursive: true })).toEqual(before);
  });

  test("refuses a target that is a file, or cannot be made", async () => {
    const { directory, store, snapshot } = await editedDirectory(
      "echo 1 >f; ln -s missing dangling",
    );
    const taken = await snapshot();
    await expect(store.restore(taken, join(directory, "f"))).rejects.toMatchObject({
      code: "NOT_A_DIRECTORY",
    });
    await expect(store.restore(taken, join(directory, "f/below"))).rejects.toMatchObject({
      code: "NOT_A_DIRECTORY",
    });
    await expect(store.restore(taken, join(directory, "dangling"))).rejects.toMatchObject({
      code: expect.stringMatching(/^(NOT_FOUND|NOT_A_DIRECTORY|IO)$/),
    });
    expect(readdirSync(directory).sort()).toEqual(["dangling", "f"]);
  });
});

describe("get()", () => {
  test("finds by id, name, digest and unique prefix, and says what is ambiguous", async () => {
    const { store, edit, snapshot } = await editedDirectory();
    const ids: string[] = [];
    // More snapshots than there are first characters: two must share theirs.
    for (let count = 0; count < 33; count++) {
      await edit(`echo ${count} >f`);
      ids.push((await snapshot({ name: `number ${count}` })).id);
    }
    const shared = ids
      .map((id) => id[0]!)
      .find((first, index) => ids.some((id, other) => other < index && id[0] === first))!;
    const matches = ids.filter((id) => id.startsWith(shared));
    await expect(store.get(shared)).rejects.toMatchObject({
      code: "AMBIGUOUS",
      message: expect.stringMatching(new RegExp(matches.slice(-1).join("|"))),
    });
    for (const [index, id] of ids.entries()) {
      const { digest } = await store.get(id);
      for (const reference of [
        `number ${index}`,
        id.slice(0, 12),
        digest,
        digest.slice(0, 30),
        digest.slice(7, 30),
      ]) {
        expect((await store.get(reference)).id).toBe(id);
      }
    }
    for (const reference of ["", "missing", "%", "sha256:", `sha256:${"0".repeat(64)}`]) {
      await expect(store.get(reference)).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
  });

  test("means the newest of several snapshots of one state", async () => {
    const { store, snapshot } = await editedDirectory("echo 1 >f");
    await snapshot();
    const { id, digest } = await snapshot();
    expect((await store.get(digest)).id).toBe(id);
    expect((await store.get(digest.slice(0, 40))).id).toBe(id);
  });
});

test("remove() refuses a parent and names its children, and hands them on when told", async () => {
  const { store, snapshot } = await editedDirectory("echo 1 >f");
  const a = await snapshot();
  const b = await snapshot({ parent: a.id });
  const c = await snapshot({ parent: b.id });
  await expect(store.remove(b)).rejects.toMatchObject({
    code: "IN_USE",
    message: expect.stringContaining(c.id),
  });
  await store.remove(b, { reparent: true });
  expect((await store.get(c.id)).parent).toBe(a.id);
  await expect(store.remove(b)).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await (await store.get(c.id)).readFile("f")).toString()).toBe("1\n");
});

test("a closed store refuses everything, and so do the snapshots that came from it", async () => {
  const { directory, store, snapshot } = await editedDirectory("echo 1 >f");
  const taken = await snapshot();
  await store.close();
  await store.close();
  const closed = { code: "STORE_CLOSED" };
  await expect(store.snapshot(directory)).rejects.toMatchObject(closed);
  await expect(store.get(taken.id)).rejects.toMatchObject(closed);
  await expect(store.stats()).rejects.toMatchObject(closed);
  await expect(taken.readFile("f")).rejects.toMatchObject(closed);
  await expect(taken.readdir()).rejects.toMatchObject(closed);
});

test("close() waits for a capture that is under way", async () => {
  const { scratch, directory, store } = await editedDirectory(
    "for f in {1..500}; do echo $f >$f; done",
  );
  const running = store.snapshot(directory);
  await store.close();
  const { snapshot } = await running;
  const again = await Store.open(join(scratch, "store"));
  onTestFinished(() => again.close());
  expect((await again.get(snapshot.id)).entryCount).toBe(500);
});

test("a snapshot is not changed by what becomes of the directory", async () => {
  const { directory, snapshot } = await editedDirectory("echo 1 >f");
  const taken = await snapshot();
  writeFileSync(join(directory, "f"), "other");
  await snapshot();
  expect((await taken.readFile("f")).toString()).toBe("1\n");
});
