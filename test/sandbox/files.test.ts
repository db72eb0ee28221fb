/** The files of a sandbox from outside: nothing leads out of it. */
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { run } from "../support/run.js";
import { startScript } from "../support/script.js";
import { emptyStore, kindsOf, textOf } from "./sandbox-fixture.js";

const swap = new URL("children/swap-names.mjs", import.meta.url);

test("what is written is read, listed, renamed and removed", async () => {
  const { create } = await emptyStore();
  const sandbox = await create();
  const { files } = sandbox;
  await files.mkdir("/a/b");
  await files.write("/a/b/file", "text\n");
  await files.write("a/bytes", Buffer.from([0, 255]), { mode: 0o600 });
  await files.write("a/stream", Readable.from([Buffer.from("one "), "two"]));
  await sandbox.exec.command("ln -s b/file a/link; mkfifo a/pipe");
  const listed = await files.list("/a", { recursive: true });
  expect(listed.map(({ path, kind, sizeBytes, mode }) => [path, kind, sizeBytes, mode])).toEqual([
    ["/a/b", "directory", 0, 0o755],
    ["/a/b/file", "file", 5, 0o644],
    ["/a/bytes", "file", 2, 0o600],
    ["/a/link", "symlink", 0, 0o777],
    ["/a/pipe", "other", 0, 0o644],
    ["/a/stream", "file", 7, 0o644],
  ]);
  expect(await files.read("a/bytes")).toEqual(Buffer.from([0, 255]));
  expect(await textOf(sandbox, "/a/link")).toBe("text\n");
  expect(await text(await files.readStream("a/stream"))).toBe("one two");
  expect(await files.stat("a/link")).toMatchObject({ kind: "file", sizeBytes: 5 });
  expect(await files.stat("a/link", { follow: false })).toMatchObject({ target: "b/file" });
  // A link is followed, and what it leads to is replaced.
  await files.write("a/link", "other\n");
  expect(await textOf(sandbox, "a/b/file")).toBe("other\n");
  await files.rename("a/b", "c");
  expect([await files.exists("a/b/file"), await files.exists("c/file")]).toEqual([false, true]);
  await files.remove("a");
  expect((await files.list()).map(({ name }) => name)).toEqual(["c"]);
  expect(await kindsOf(sandbox.events())).toEqual([
    ...["created", "directory-made", "file-written", "file-written", "file-written"],
    ...["command", "command-ended", "file-written", "file-renamed", "file-removed"],
  ]);
});

test("files go in and out with their permission bits", async () => {
  const { scratch, create } = await emptyStore();
  const sandbox = await create();
  const [from, to] = [join(scratch, "from"), join(scratch, "to")];
  writeFileSync(from, Buffer.alloc(3_000_000, 7));
  chmodSync(from, 0o750);
  await sandbox.files.upload(from, "/program");
  expect(await sandbox.files.stat("/program")).toMatchObject({ sizeBytes: 3_000_000, mode: 0o750 });
  await sandbox.files.download("program", to);
  expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
  expect(statSync(to).mode & 0o777).toBe(0o750);
  await expect(sandbox.files.upload(join(scratch, "none"), "x")).rejects.toMatchObject({
    code: "NOT_FOUND",
    path: join(scratch, "none"),
  });
});

test("no path and no link leads out of a sandbox", async () => {
  const { scratch, create } = await emptyStore();
  const outside = join(scratch, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "secret");
  const sandbox = await create();
  const { files } = sandbox;
  symlinkSync(outside, join(sandbox.path, "absolute"));
  symlinkSync(`${"../".repeat(30)}${outside.slice(1)}`, join(sandbox.path, "relative"));
  symlinkSync(join(outside, "secret"), join(sandbox.path, "file"));
  symlinkSync("loop", join(sandbox.path, "loop"));
  const ways = [
    `../${"../".repeat(30)}${outside}/secret`,
    `${outside}/secret`,
    "absolute/secret",
    "relative/secret",
    "file",
  ];
  for (const path of ways) {
    await expect(files.read(path)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await files.exists(path)).toBe(false);
    await expect(files.remove(path === "file" ? "absolute/x" : path)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  }
  await expect(files.list("absolute")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(files.read("loop")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(files.write("absolute/new", "")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(files.remove("/")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(files.remove("..")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(sandbox.exec.command("pwd", { cwd: "absolute" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await expect(sandbox.exec.command("pwd", { cwd: "../.." })).resolves.toMatchObject({
    stdout: `${sandbox.path}\n`,
  });
  // Where the same names are in the sandbox, they are what the links lead to.
  await files.mkdir(outside);
  await files.write("absolute/secret", "own");
  for (const path of ways) expect(await textOf(sandbox, path)).toBe("own");
  // A directory that is removed goes, and not what its links lead to.
  await files.mkdir("directory");
  symlinkSync(outside, join(sandbox.path, "directory", "link"));
  await files.remove("directory");
  expect(readdirSync(outside)).toEqual(["secret"]);
  expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
});

test("a file that has a name outside is replaced, not written through", async () => {
  const { scratch, create } = await emptyStore();
  const outside = join(scratch, "outside");
  writeFileSync(outside, "outside");
  // Only an ordinary directory can share a file with what is outside.
  const sandbox = await create({ driver: "copy" });
  linkSync(outside, join(sandbox.path, "inside"));
  await sandbox.files.write("inside", "inside");
  expect(readFileSync(outside, "utf8")).toBe("outside");
});

test("a program that swaps names leads nothing out of a sandbox", async () => {
  const { scratch, create } = await emptyStore();
  const outside = join(scratch, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "outside");
  const sandbox = await create();
  const child = startScript(swap, [sandbox.path, outside]);
  expect(await child.line()).toBe("begun");
  const outcomes = new Map<string, number>();
  const note = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      note("done");
    } catch (error) {
      note((error as { code: string }).code);
    }
  };
  for (let round = 0; round < 400; round++) {
    await attempt(() => sandbox.files.write("name/file", "inside"));
    await attempt(async () => {
      expect(await textOf(sandbox, "name/file")).toBe("inside");
    });
    await attempt(() => sandbox.files.mkdir("name/directory"));
    await attempt(() => sandbox.files.rename("name/file", "name/moved"));
    await attempt(() => sandbox.files.remove("name/moved"));
    await attempt(() => sandbox.files.list("name", { recursive: true }));
  }
  await child.kill();
  // Both states were met, and neither failed in another way than by what was not there.
  expect(outcomes.get("done")).toBeGreaterThan(0);
  expect([...outcomes.keys()].filter((each) => each !== "done").sort()).toEqual(
    expect.arrayContaining(["NOT_FOUND"]),
  );
  expect(readdirSync(outside)).toEqual(["file"]);
  expect(readFileSync(join(outside, "file"), "utf8")).toBe("outside");
});

test("what is no file is neither read nor written", async () => {
  const { create } = await emptyStore();
  const sandbox = await create();
  await run("mkfifo", [join(sandbox.path, "pipe")]);
  await sandbox.files.mkdir("directory");
  for (const path of ["pipe", "directory", "/"]) {
    await expect(sandbox.files.read(path)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(sandbox.files.write(path, "")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  }
  await expect(sandbox.files.read("pipe/x")).rejects.toMatchObject({ code: "NOT_A_DIRECTORY" });
  await expect(sandbox.files.write("none/x", "")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(sandbox.files.read("a\0b")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(sandbox.files.write("x", 7 as never)).rejects.toBeInstanceOf(TypeError);
  // Nothing of a write that failed is left.
  expect((await sandbox.files.list()).map(({ name }) => name)).toEqual(["directory", "pipe"]);
});
