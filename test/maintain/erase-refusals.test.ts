/** Erasing beside what is open, pinned or damaged, and what is refused. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/index.js";
import { filesWith } from "./raw-search.js";
import { LARGE, SMALL, sha256, storeWithSecrets, traces } from "./store-with-secrets.js";

test("a workspace on an affected snapshot has it refused, and nothing is changed", async () => {
  const { directory, scratch, store, snapshots } = await storeWithSecrets();
  const path = join(scratch, "w");
  const workspace = await store.fork(snapshots[1]!, { dir: path });
  onTestFinished(() => workspace.discard({ force: true }).catch(() => undefined));
  await expect(store.erase({ paths: ["d/large-secret"] })).rejects.toMatchObject({
    code: "IN_USE",
    message: expect.stringContaining(path) as string,
  });
  expect((await store.get(snapshots[2]!.id)).digest).toBe(snapshots[2]!.digest);
  await workspace.discard();
  // The image that it lay on is gone as well.
  await store.erase({ paths: ["d/large-secret", "d/deep", "d/also-secret", "d/third-name"] });
  expect(traces(directory)).toEqual([]);
});

test("a workspace that lies on the image of an affected snapshot has it refused too", async () => {
  const { scratch, store, snapshots } = await storeWithSecrets();
  const workspace = await store.fork(snapshots[1]!, { dir: join(scratch, "w") });
  for (const name of ["d/large-secret", "d/deep/secret", "d/also-secret", "d/third-name"])
    rmSync(join(workspace.path, name));
  const { snapshot } = await workspace.snapshot();
  await workspace.discard();
  const other = await store.fork(snapshot, { dir: join(scratch, "other") });
  onTestFinished(() => other.discard({ force: true }));
  const erasing = store.erase({ paths: ["d/large-secret"] });
  if (other.driver.startsWith("overlayfs"))
    await expect(erasing).rejects.toMatchObject({ code: "IN_USE" });
  else expect((await erasing).remaining).toEqual([]);
});

test("a pinned snapshot is erased from as well, and stays pinned", async () => {
  const { directory, store, snapshots } = await storeWithSecrets();
  await store.pin(snapshots[1]!);
  await store.erase({ digests: [`sha256:${sha256(SMALL)}`] });
  expect(filesWith(directory, SMALL)).toEqual([]);
  expect(await store.pins()).toMatchObject([{ snapshot: snapshots[1]!.id }]);
});

test("a capture after it reads what the stat cache knew, and stores it anew", async () => {
  const { directory, source, store } = await storeWithSecrets();
  writeFileSync(join(source, "again"), SMALL);
  await store.snapshot(source);
  await store.erase({ digests: [`sha256:${sha256(SMALL)}`] });
  expect(filesWith(directory, SMALL)).toEqual([]);
  const { snapshot } = await store.snapshot(source);
  expect(await snapshot.readFile("again")).toEqual(SMALL);
});

test("nothing to erase, the root, and what is no digest are refused", async () => {
  const { store } = await storeWithSecrets();
  for (const request of [{}, { paths: ["."] }, { paths: ["../x"] }, { digests: ["sha256:12"] }])
    await expect(store.erase(request)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("an overlay on an affected snapshot has it refused, and nothing is changed; one on another does not", async () => {
  const { directory, store, snapshots } = await storeWithSecrets();
  const other = store.overlay(snapshots[0]!);
  await other.writeFile("/new", "new");
  await other.snapshot();
  await store.erase({ paths: ["d/large-secret"] });
  const overlay = store.overlay(snapshots[2]!.id);
  await overlay.writeFile("/new", "new");
  const paths = ["d/deep", "d/also-secret", "d/third-name"];
  await expect(store.erase({ paths: paths.slice(1) })).rejects.toMatchObject({ code: "IN_USE" });
  expect(await overlay.readFile("/d/also-secret")).toEqual(SMALL);
  expect(filesWith(directory, SMALL)).not.toEqual([]);
  await store.close();
  const again = await Store.open(directory);
  await again.erase({ paths });
  await again.close();
  expect(traces(directory)).toEqual([]);
});

test("where a pack cannot be read back the report says so, and erasing again finishes it", async () => {
  const { directory, store } = await storeWithSecrets();
  const packs = join(directory, "packs");
  const [name] = filesWith(packs, LARGE.subarray(100_000, 100_064)) as [string];
  const file = join(packs, name);
  const whole = readFileSync(file);
  // The end of its last list of chunks.
  const trailer = Buffer.from(whole);
  trailer[trailer.length - 1]! ^= 1;
  writeFileSync(file, trailer);
  const { remaining } = await store.erase({ digests: [`sha256:${sha256(LARGE)}`] });
  expect(remaining).toMatchObject([{ place: `packs/${name}` }]);
  const healed = readFileSync(file);
  healed[trailer.length - 1] = whole[trailer.length - 1]!;
  writeFileSync(file, healed);
  const again = await store.erase({ digests: [`sha256:${sha256(LARGE)}`] });
  expect(again.remaining).toEqual([]);
  expect(filesWith(directory, LARGE.subarray(100_000, 100_064))).toEqual([]);
});
