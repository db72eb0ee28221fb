/** What becomes of an overlay that is discarded, and of what has to do with it. */
import { once } from "node:events";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { nodeFs } from "#dist/adapters/node-fs.js";
import type { Overlay } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

const GONE = { code: "NOT_FOUND", message: expect.stringContaining("it was discarded") };

async function emptyOverlay(): Promise<{ readonly store: Store; readonly overlay: Overlay }> {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  return { store, overlay: store.overlay() };
}

test("whatever is asked of an overlay that was discarded says so", async () => {
  const { overlay } = await emptyOverlay();
  await overlay.writeFile("/a", "a");
  const { snapshot } = await overlay.snapshot();
  const { promises } = nodeFs(overlay);
  await overlay.discard();
  const uses: readonly (() => Promise<unknown>)[] = [
    () => overlay.readFile("/a"),
    () => overlay.writeFile("/a", "b"),
    () => overlay.readdir("/"),
    () => overlay.stat("/"),
    () => overlay.exists("/a"),
    () => overlay.access("/a"),
    () => overlay.realpath("/"),
    () => overlay.open("/a"),
    () => overlay.mkdir("/d", { recursive: true }),
    () => overlay.mkdtemp("/d"),
    () => overlay.rm("/a", { recursive: true, force: true }),
    () => overlay.rename("/a", "/b"),
    () => overlay.copyFile("/a", "/b"),
    () => overlay.cp("/a", "/b"),
    () => overlay.chmod("/a", 0o600),
    () => overlay.opendir("/"),
    () => promises.readFile("/a"),
    () => overlay.snapshot(),
    () => overlay.changes().next(),
    () => overlay.restore(snapshot),
    () => overlay.rollback(),
  ];
  for (const use of uses) await expect(use(), String(use)).rejects.toMatchObject(GONE);
  expect(() => overlay.sync.statSync("/a", { throwIfNoEntry: false })).toThrow(
    expect.objectContaining(GONE),
  );
  expect(() => overlay.fork()).toThrow(expect.objectContaining(GONE));
  expect(() => overlay.head).toThrow(expect.objectContaining(GONE));
});

test("what was open in an overlay is closed when it is discarded, and can be closed again", async () => {
  const { overlay } = await emptyOverlay();
  const file = await overlay.open("/a", "w+");
  await file.write("a");
  const reading = overlay.createReadStream("/a");
  await once(reading, "open");
  await overlay.discard();
  await expect(file.read()).rejects.toMatchObject({ code: "EBADF" });
  await expect(buffer(reading)).rejects.toMatchObject({ code: "EBADF" });
  await file.close();
  await file[Symbol.asyncDispose]();
});

test("an overlay can be discarded again, and disposed of", async () => {
  const { overlay } = await emptyOverlay();
  await overlay.discard();
  await overlay.discard();
  await overlay[Symbol.asyncDispose]();
  await expect(overlay.readdir("/")).rejects.toMatchObject(GONE);
});

test("forks, copies in them and snapshots under way outlive the overlay that they are of", async () => {
  const { overlay } = await emptyOverlay();
  await overlay.writeFile("/a", Buffer.alloc(200_000, "a"));
  const fork = overlay.fork();
  await overlay.writeFile("/b", Buffer.alloc(3_000_000, "b"));
  const underWay = overlay.snapshot();
  await overlay.discard();
  const { snapshot } = await underWay;
  expect((await snapshot.readFile("b")).equals(Buffer.alloc(3_000_000, "b"))).toBe(true);
  expect(await fork.readdir("/")).toEqual(["a"]);
  await fork.appendFile("/a", "more");
  expect((await fork.readFile("/a", "utf8")).endsWith("aamore")).toBe(true);
  expect((await (await fork.snapshot()).snapshot.readFile("a")).length).toBe(200_004);
});

test("what was written to a discarded overlay takes no memory that others are stored for", async () => {
  const { store } = await emptyOverlay();
  for (let round = 0; round < 5; round++) {
    const overlay = store.overlay();
    for (let index = 0; index < 20; index++)
      await overlay.writeFile(`/${index}`, Buffer.alloc(1_000_000, `${round} ${index}`));
    await overlay.discard();
  }
  expect((await store.stats()).chunks).toBe(0);
});
