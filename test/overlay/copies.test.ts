import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Overlay } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import type { FileCall } from "./children/file-calls.mjs";
import { FileCalls } from "./children/file-calls.mjs";
import { RealFiles, realFilesNeed } from "./real-files.js";

const base: readonly FileCall[] = [
  ["mkdir", "/tree/below/deep", { recursive: true }],
  ["writeFile", "/tree/file", "in the tree", { mode: 0o640 }],
  ["writeFile", "/tree/below/deep/file", Buffer.alloc(100_000, "x")],
  ["symlink", "below/deep", "/tree/relative"],
  ["symlink", "/tree/file", "/tree/absolute"],
  ["chmod", "/tree/below", 0o2750],
  ["writeFile", "/file", "text"],
  ["chmod", "/file", 0o4711],
  ["utimes", "/file", 1_000, 2_000],
  ["utimes", "/tree/file", 3_000, 4_000],
  ["mkdir", "/there/below", { recursive: true }],
  ["writeFile", "/there/file", "was there"],
  ["writeFile", "/there/other", "stays"],
  ["symlink", "file", "/link"],
  ["symlink", "tree", "/toTree"],
  ["symlink", "tree/below", "/toBelow"],
  ["symlink", "missing", "/dangling"],
];

const all = { recursive: true };

const cases: readonly FileCall[] = [
  ["cp", "/file", "/new"],
  ["cp", "/file", "/new/deeper/file"],
  ["cp", "/file", "/there/file"],
  ["cp", "/file", "/there/file", { preserveTimestamps: true }],
  ["cp", "/file", "/there/file", { force: false }],
  ["cp", "/file", "/there/file", { force: false, errorOnExist: true }],
  ["cp", "/file", "/file"],
  ["cp", "/file", "/there"],
  ["cp", "/file", "/there/file/x"],
  ["cp", "/missing", "/new"],
  ["cp", "/missing", "/new", { dereference: true }],
  ["cp", "/file/x", "/new"],
  ["cp", "/tree", "/new"],
  ["cp", "/tree", "/new", all],
  ["cp", "/tree/", "/new/", all],
  ["cp", "tree", "new/a/b", all],
  ["cp", "/tree", "/there", all],
  ["cp", "/tree", "/there", { ...all, force: false }],
  // Of one name alone: in which order a directory is copied is the file system's.
  ["cp", "/tree/below/deep", "/there", { ...all, force: false, errorOnExist: true }],
  ["cp", "/tree", "/new", { ...all, preserveTimestamps: true }],
  ["cp", "/tree", "/new", { ...all, verbatimSymlinks: true }],
  ["cp", "/tree", "/new", { ...all, dereference: true }],
  ["cp", "/tree", "/new", { ...all, dereference: true, verbatimSymlinks: true }],
  ["cp", "/tree", "/file", all],
  ["cp", "/tree", "/tree", all],
  ["cp", "/tree", "/tree/below/new", all],
  ["cp", "/tree", "/toTree/below/new", all],
  ["cp", "/link", "/new"],
  ["cp", "/link", "/new", { verbatimSymlinks: true }],
  ["cp", "/link", "/new", { dereference: true }],
  ["cp", "/toTree", "/new", all],
  ["cp", "/toTree", "/new", { ...all, dereference: true }],
  ["cp", "/dangling", "/new"],
  ["cp", "/dangling", "/new", { dereference: true }],
  ["cp", "/link", "/file"],
  ["cp", "/link", "/there/other"],
  ["cp", "/toTree", "/toBelow"],
  ["cp", "/toBelow", "/toTree"],
  ["cp", "/toTree", "/link"],
  ["cp", "/tree/below/../file", "/there/x/../new"],
  ["cp", "/tree", "/there/x/..", all],
  ["cp", "/toTree/relative", "/new"],
  ["cp", "/toTree/../link", "/there/new"],
  ["cp", "/file", "/file/"],
  ["cp", "/file", "/new/"],
  ["cp", "/file", "/dangling", { dereference: true }],
  ["cp", "/dangling/x", "/new"],
  ["cp", "/file", "/dangling/x"],
  ["cp", "/", "/new", all],
  ["cp", "/tree", "/", all],
];

testIf(realFilesNeed, "cp copies, replaces and refuses as that of Node.js does", async () => {
  const { real, store } = await RealFiles.besideStore();
  for (const each of cases) {
    await real.reset();
    const stored = new FileCalls(store.overlay());
    const calls: readonly FileCall[] = [...base, each, ["everything"]];
    const outcomes = [];
    for (const call of calls) outcomes.push(await stored.call(call));
    expect([each, ...outcomes.slice(-2)]).toEqual([each, ...(await real.calls(calls)).slice(-2)]);
  }
});

/** Returns an overlay of an empty store. */
async function emptyOverlay(): Promise<Overlay> {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  return store.overlay();
}

// From here on: what Node.js does in more ways than one, and an overlay in one of them.

test("a directory is in the way of one that must not exist, as from Node.js 22 on", async () => {
  const overlay = await emptyOverlay();
  await overlay.mkdir("/from");
  await overlay.mkdir("/to");
  const options = { recursive: true, force: false, errorOnExist: true };
  await expect(overlay.cp("/from", "/to", options)).rejects.toMatchObject({
    code: "ERR_FS_CP_EEXIST",
    path: "/to",
  });
});

test("a link to a file replaces one to the same file, as from Node.js 24 on", async () => {
  const overlay = await emptyOverlay();
  await overlay.writeFile("/file", "text");
  await overlay.symlink("/file", "/from");
  await overlay.symlink("../file", "/to");
  await overlay.cp("/from", "/to");
  expect(await overlay.readlink("/to")).toBe("/file");
});

test("directories get the times of what they are copies of, as from Node.js 26 on", async () => {
  const overlay = await emptyOverlay();
  await overlay.mkdir("/from/below", { recursive: true });
  await overlay.mkdir("/to");
  await overlay.writeFile("/from/below/file", "text");
  for (const path of ["/from/below/file", "/from/below", "/from"])
    await overlay.utimes(path, 1_000, 2_000);
  await overlay.cp("/from", "/to", { recursive: true, preserveTimestamps: true });
  for (const path of ["/to/below/file", "/to/below", "/to"])
    expect([path, (await overlay.stat(path)).mtimeMs]).toEqual([path, 2_000_000]);
});

test("a copy into itself that links hide is refused, and one that follows links in a circle", async () => {
  const overlay = await emptyOverlay();
  await overlay.mkdir("/d/below", { recursive: true });
  await overlay.symlink("/d", "/toD");
  await overlay.symlink("/d", "/d/below/up");
  const all = { recursive: true };
  // Node.js looks no further up than to what is missing.
  await expect(overlay.cp("/toD/.", "/d/new/new", all)).rejects.toMatchObject({
    code: "ERR_FS_CP_EINVAL",
  });
  await overlay.rm("/d/new", all);
  await expect(overlay.cp("/d", "/e", { ...all, dereference: true })).rejects.toMatchObject({
    code: "ELOOP",
    path: "/d/below/up",
  });
});

test("a FIFO is not copied, and what it was to replace stays", async () => {
  const { store, directory } = await withSpecialFiles();
  const { snapshot } = await store.snapshot(directory);
  const overlay = snapshot.overlay();
  await overlay.writeFile("/there", "was there");
  await expect(overlay.cp("/fifo", "/there")).rejects.toMatchObject({
    code: "ERR_FS_CP_FIFO_PIPE",
  });
  expect(await overlay.readFile("/there", "utf8")).toBe("was there");
});

test("a copy is as deep as paths can be, and no deeper", async () => {
  const overlay = await emptyOverlay();
  const deepest = `/a${`/${"d".repeat(15)}`.repeat(255)}/${"e".repeat(9)}`;
  await overlay.mkdir(deepest, { recursive: true });
  await overlay.cp("/a", "/b", { recursive: true });
  expect((await overlay.stat(deepest.replace("/a", "/b"))).isDirectory()).toBe(true);
  await expect(overlay.cp("/a", "/longer", { recursive: true })).rejects.toMatchObject({
    code: "ENAMETOOLONG",
  });
});

test("a filter that answers with a promise has cp wait, and cpSync fail", async () => {
  const overlay = await emptyOverlay();
  await overlay.mkdir("/from");
  for (const name of ["a", "b"]) await overlay.writeFile(`/from/${name}`, name);
  const asked: string[] = [];
  const filter = async (source: string, target: string) => {
    asked.push(`${source} ${target}`);
    return !source.endsWith("b");
  };
  await overlay.cp("/from", "/to/", { recursive: true, filter });
  expect(asked).toEqual(["/from /to/", "/from/a /to/a", "/from/b /to/b"]);
  expect(await overlay.readdir("/to")).toEqual(["a"]);
  const wrong = filter as unknown as () => boolean;
  expect(() => overlay.sync.cpSync("/from", "/too", { recursive: true, filter: wrong })).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_RETURN_VALUE" }),
  );
});

async function withSpecialFiles() {
  const scratch = scratchDirectory();
  const directory = join(scratch, "directory");
  mkdirSync(directory);
  await run("mkfifo", [join(directory, "fifo")]);
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  return { store, directory };
}
