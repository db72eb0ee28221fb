import { lstatSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

test("ls lists a directory, a file alone, or everything below", async () => {
  const { store } = await storeWithSnapshots();
  const ls = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await coppice(["ls", "second", "--store", store, ...args]);
    return stdout.split("\n").slice(0, -1);
  };
  expect(await ls()).toEqual(["docs/", "edited.txt", "new-name.txt", "run.sh", "swapped"]);
  expect(await ls("docs")).toEqual(["added.md", "guide.md"]);
  expect(await ls("docs/guide.md")).toEqual(["guide.md"]);
  expect(await ls("docs", "--recursive")).toEqual(["docs/added.md", "docs/guide.md"]);
  expect(await ls("--glob", "**/g*", "--glob", "*.sh")).toEqual(["docs/guide.md", "run.sh"]);
});

test("ls --long shows kind, mode, owner, size and time", async () => {
  const { store } = await storeWithSnapshots();
  const { stdout } = await coppice(["ls", "second", "--long", "--store", store]);
  expect(stdout).toMatch(/^drwxr-xr-x +\d+ +\d+ +16 B {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}docs\/$/m);
  expect(stdout).toMatch(/^-rwxr-xr-x .* 10 B .* run\.sh$/m);
  expect(stdout).toMatch(/^lrwxrwxrwx .* swapped → edited\.txt$/m);
});

test("ls --json gives each entry whole", async () => {
  const { source, store } = await storeWithSnapshots();
  const { snapshot, entries } = await coppiceJson(["ls", "second", "--store", store]);
  expect(snapshot.name).toBe("second");
  const { mtimeNs } = lstatSync(join(source, "run.sh"), { bigint: true });
  expect(entries.find((each) => each.path === "run.sh")).toEqual({
    path: "run.sh",
    kind: "file",
    sizeBytes: 10,
    mode: "0755",
    uid: process.geteuid?.(),
    gid: process.getegid?.(),
    mtimeNs: String(mtimeNs),
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  });
  expect(entries.map((each) => each.kind)).toEqual([
    "directory",
    "file",
    "file",
    "file",
    "symlink",
  ]);
  expect(entries[0]).toMatchObject({ path: "docs", entryCount: 2, sizeBytes: 16 });
  expect(entries[4]).toMatchObject({ path: "swapped", target: "edited.txt" });
});

test("ls tells a path that is not there", async () => {
  const { store } = await storeWithSnapshots();
  const { exitCode, error } = await coppiceError(["ls", "first", "docs/none", "--store", store]);
  expect([exitCode, error.code, error.path]).toEqual([1, "NOT_FOUND", "docs/none"]);
});

testIf(
  "byte-names",
  "names that are not UTF-8 or would move the cursor are escaped and can be given so",
  async () => {
    const { source, store } = await storeWithSnapshots();
    writeFileSync(
      Buffer.concat([Buffer.from(join(source, "caf")), Buffer.from([0xe9])]),
      "latin\n",
    );
    writeFileSync(join(source, "a\u001b[2J\\"), "escape\n");
    await coppice(["snapshot", source, "--name", "odd", "--store", store]);
    const { stdout } = await coppice(["ls", "odd", "--store", store]);
    expect(stdout.split("\n").slice(0, 2)).toEqual(["a\\x1b[2J\\\\", "caf\\xe9"]);
    for (const [name, content] of [
      ["caf\\xe9", "latin\n"],
      ["a\\x1b[2J\\\\", "escape\n"],
    ] as const) {
      const { stdout: shown } = await coppice(["cat", "odd", name, "--escaped", "--store", store]);
      expect(shown).toBe(content);
    }
    const { entries } = await coppiceJson(["ls", "odd", "caf\\xe9", "--escaped", "--store", store]);
    expect(entries).toMatchObject([{ path: "caf\ufffd", pathBase64: "Y2Fm6Q==" }]);
  },
);
