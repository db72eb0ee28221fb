/** What a merge is refused for, and that nothing is left of it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Store } from "#dist/index.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { contents, threeStates } from "./three-states.js";

test("snapshots without a common ancestor want a base", async () => {
  const { store, edit, snapshot } = await editedDirectory("echo 1 >f");
  const base = await snapshot({ name: "base" });
  await edit("echo 2 >f");
  await snapshot({ name: "other" });
  const sides = { ours: "base", theirs: "other" };
  await expect(store.merge(sides)).rejects.toMatchObject({ code: "NOT_FOUND" });
  const { snapshot: merged } = await store.merge({ ...sides, base });
  expect(await contents(merged)).toEqual(["f: 2\n"]);
});

test("a name that is taken, words that are none, a snapshot that is not there", async () => {
  const { store, merge } = await threeStates("echo 1 >f", "echo 2 >f", "echo 1 >g");
  const before = await store.stats();
  await expect(merge({ name: "ours" })).rejects.toMatchObject({ code: "NAME_TAKEN" });
  await expect(merge({ strategy: "mine" as "ours" })).rejects.toThrow(TypeError);
  await expect(merge({ name: "a\nb" })).rejects.toThrow(TypeError);
  await expect(merge({ labels: { a: 5 as never } })).rejects.toThrow(TypeError);
  await expect(merge({ theirs: undefined as never })).rejects.toThrow("Cannot find snapshot: give");
  await expect(merge({ theirs: "none" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  const { snapshots, chunks, storedBytes } = await store.stats();
  expect({ snapshots, chunks, storedBytes }).toEqual({
    snapshots: before.snapshots,
    chunks: before.chunks,
    storedBytes: before.storedBytes,
  });
});

test("an abort, before it and while a conflict is decided on", async () => {
  const { store, merge } = await threeStates("echo 1 >f", "echo 2 >f", "echo 3 >f");
  await expect(merge({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
  const controller = new AbortController();
  const onConflict = () => {
    controller.abort();
    return "ours" as const;
  };
  await expect(merge({ signal: controller.signal, onConflict })).rejects.toMatchObject({
    code: "ABORTED",
  });
  expect(await store.snapshots()).toHaveLength(3);
  expect((await merge({ strategy: "ours" })).snapshot.parents).toHaveLength(2);
});

test("a damaged file is told where it has to be read, and is in nobody's way elsewhere", async () => {
  const { store } = await threeStates(
    "seq 999 >damaged; echo 1 >f",
    "sed -i s/^1$/one/ damaged; echo 2 >f",
    "sed -i s/999/last/ damaged; echo 1 >g",
  );
  await store.close();
  const packs = join(store.directory, "packs");
  for (const name of readdirSync(packs)) {
    const bytes = readFileSync(join(packs, name));
    const at = bytes.indexOf("\n500\n501\n");
    if (at >= 0) bytes.write("X", at + 1);
    writeFileSync(join(packs, name), bytes);
  }
  const again = await Store.open(store.directory);
  try {
    const sides = { ours: "ours", theirs: "theirs" };
    await expect(again.merge(sides)).rejects.toMatchObject({ code: "CORRUPT" });
    expect(await again.snapshots()).toHaveLength(3);
    const { snapshot } = await again.merge({ base: "base", ours: "base", theirs: "theirs" });
    expect((await again.get("theirs")).digest).toBe(snapshot.digest);
  } finally {
    await again.close();
  }
});
