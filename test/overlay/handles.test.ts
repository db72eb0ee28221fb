/** Open files and what yields bytes, as node:fs/promises has them. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { OverlayBigIntStats, OverlayStats } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

async function emptyOverlay() {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  return store.overlay();
}

async function* pieces(): AsyncGenerator<string | Uint8Array> {
  yield "one ";
  yield Buffer.from("two");
}

test("an open file is written from what yields bytes, where its last call ended", async () => {
  const overlay = await emptyOverlay();
  const handle = await overlay.open("/file", "w+");
  await handle.write("0 ");
  await handle.writeFile(pieces());
  await handle.appendFile(["; ", "three"]);
  await handle.close();
  expect(await overlay.readFile("/file", "utf8")).toBe("0 one two; three");
});

test("a handle that its stream has closed is closed: closing it once more is fine", async () => {
  const overlay = await emptyOverlay();
  await overlay.writeFile("/file", "one\ntwo\n");
  const handle = await overlay.open("/file");
  const lines: string[] = [];
  for await (const line of handle.readLines()) lines.push(line);
  await handle.close();
  expect(lines).toEqual(["one", "two"]);
  await expect(handle.stat()).rejects.toThrow("EBADF");
});

test("a signal ends writing between two pieces, with the error of node:fs", async () => {
  const overlay = await emptyOverlay();
  const abort = new AbortController();
  async function* aborting() {
    yield "first";
    abort.abort("enough");
    yield "second";
  }
  const { signal } = abort;
  await expect(overlay.writeFile("/file", aborting(), { signal })).rejects.toMatchObject({
    name: "AbortError",
    code: "ABORT_ERR",
    cause: "enough",
  });
  expect(await overlay.readFile("/file", "utf8")).toBe("first");
  await expect(overlay.readFile("/file", { signal })).rejects.toMatchObject({ code: "ABORT_ERR" });
});

test("a file is read as its flag says", async () => {
  const overlay = await emptyOverlay();
  expect(await overlay.readFile("/made", { encoding: "utf8", flag: "a+" })).toBe("");
  await overlay.writeFile("/made", "text");
  expect(overlay.sync.readFileSync("/made", { encoding: "utf8", flag: "r+" })).toBe("text");
  await expect(overlay.readFile("/made", { flag: "wx+" })).rejects.toThrow("EEXIST");
});

test("what comes back has the type that was asked for, from synchronous calls too", async () => {
  const overlay = await emptyOverlay();
  await overlay.mkdir("/directory");
  await overlay.symlink("directory", "/link");
  await overlay.writeFile("/directory/file", "text");
  const { sync } = overlay;
  const text: string = sync.readFileSync("/directory/file", "utf8");
  const bytes: Buffer = sync.readFileSync("/directory/file");
  const perhaps: string | Buffer = await overlay.readFile("/directory/file", {
    encoding: text === "" ? null : "utf8",
  });
  const stats: OverlayStats = sync.statSync("/directory");
  const exact: OverlayBigIntStats = sync.lstatSync("/link", { bigint: true });
  const missing: OverlayStats | undefined = sync.statSync("/none", { throwIfNoEntry: false });
  const either: OverlayStats | OverlayBigIntStats = await overlay.stat("/", {
    bigint: missing === undefined,
  });
  const names: string[] = sync.readdirSync("/");
  const buffers: Buffer[] = sync.readdirSync("/", "buffer");
  const [entry] = await overlay.readdir("/", { withFileTypes: true, encoding: "buffer" });
  const name: Buffer | undefined = entry?.name;
  const target: Buffer = sync.readlinkSync("/link", "buffer");
  const opened: string | undefined = sync.opendirSync("/").readSync()?.name;
  expect([text, perhaps, String(bytes)]).toEqual(["text", "text", "text"]);
  expect([stats.isDirectory(), exact.isSymbolicLink(), missing]).toEqual([true, true, undefined]);
  expect([typeof either.ino, names, buffers.map(String)]).toEqual([
    "bigint",
    ["directory", "link"],
    ["directory", "link"],
  ]);
  expect([String(name), String(target), opened]).toEqual(["directory", "directory", "directory"]);
  expect(name).toBeInstanceOf(Buffer);
});
