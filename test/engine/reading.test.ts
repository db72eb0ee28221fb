/** Reading a snapshot without restoring it, compared with the files themselves. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Snapshot, WalkOptions } from "#dist/snapshot/snapshot.js";
import { testIf } from "../tooling/test-if.js";
import { editedDirectory } from "./edited-directory.js";
import { bytesOf, fileBytes } from "./file-bytes.js";
import { forAllTrees } from "./for-all-trees.js";
import { listTree } from "./listing.js";

test("readFile() and createReadStream() give any range of any file", async () => {
  const { directory, edit, snapshot } = await editedDirectory();
  const range = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  await fc.assert(
    fc.asyncProperty(
      fileBytes,
      fc.array(range, { minLength: 1, maxLength: 8 }),
      async (spec, ranges) => {
        const bytes = bytesOf(spec);
        await edit("rm -f *");
        writeFileSync(join(directory, "file"), bytes);
        const taken = await snapshot();
        expect((await taken.readFile("file")).equals(bytes)).toBe(true);
        expect((await buffer(taken.createReadStream("file"))).equals(bytes)).toBe(true);
        for (const [a, b] of ranges) {
          const [start = 0, end = 0] = [a, b]
            .map((part) => Math.round(part * spec.size))
            .sort((x, y) => x - y);
          const wanted = bytes.subarray(start, end);
          const text = `${start} to ${end}`;
          expect([text, (await taken.readFile("file", { start, end })).equals(wanted)]).toEqual([
            text,
            true,
          ]);
          const stream = taken.createReadStream("file", { start, end });
          expect([text, (await buffer(stream)).equals(wanted)]).toEqual([text, true]);
        }
        expect((await taken.readFile("file", { start: spec.size })).length).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

test("readFile() refuses a range that is not in the file, and createReadStream() does so when it is read", async () => {
  const { snapshot } = await editedDirectory("echo 12345 >f");
  const taken = await snapshot();
  for (const range of [
    { start: -1 },
    { end: 7 },
    { start: 4, end: 3 },
    { start: 7 },
    { start: Number.NaN },
  ]) {
    await expect(taken.readFile("f", range)).rejects.toBeInstanceOf(RangeError);
    await expect(buffer(taken.createReadStream("f", range))).rejects.toBeInstanceOf(RangeError);
  }
});

testIf(
  "byte-names",
  "readdir(), stat() and walk() tell what the directory holds, in the order of bytes",
  async () => {
    await forAllTrees(async ({ store, directory, tree }) => {
      const { snapshot } = await store.snapshot(directory, { durability: "relaxed" });
      const listing = listTree(directory);
      const walked: string[] = [];
      for await (const entry of snapshot.walk()) {
        const path = entry.pathBytes.toString("latin1");
        walked.push(path);
        const stat = await snapshot.stat(entry.pathBytes);
        expect(stat).toEqual(entry);
        expect(entry.name).toBe(Buffer.from(path.split("/").at(-1)!, "latin1").toString());
      }
      expect([...walked].sort()).toEqual([...tree.keys()].filter((path) => path !== "").sort());
      expect(walked).toEqual(depthFirst(listing));
      for (const [path, { kind }] of listing) {
        const bytes = Buffer.from(path, "latin1");
        if (kind !== "directory") continue;
        const names = (await snapshot.readdir(bytes)).map((entry) =>
          entry.pathBytes.toString("latin1"),
        );
        expect(names).toEqual(walked.filter((each) => parentOf(each) === path));
        const below = walked.filter((each) => path === "" || each.startsWith(`${path}/`));
        const { entryCount, sizeBytes } = await snapshot.stat(bytes);
        const files = below
          .map((each) => listing.get(each)!)
          .filter((each) => each.kind === "file");
        const total = files.reduce((sum, { content }) => sum + Number.parseInt(content, 10), 0);
        expect([path, entryCount, sizeBytes]).toEqual([path, below.length, total]);
      }
    });
  },
);

test("walk() visits what a glob matches and starts where it is told", async () => {
  const { snapshot } = await editedDirectory(
    "mkdir -p src/a/.hidden src/b; touch src/a/x.ts src/a/y.js src/a/.hidden/z.ts src/b/x.ts root.ts",
  );
  const taken = await snapshot();
  const scripts = ["root.ts", "src/a/.hidden/z.ts", "src/a/x.ts", "src/b/x.ts"];
  for (const [glob, wanted] of [
    ["**/*.ts", scripts],
    ["src/*/x.*", ["src/a/x.ts", "src/b/x.ts"]],
    ["*", ["root.ts", "src"]],
    ["src/{a,b}", ["src/a", "src/b"]],
    ["src/a/**/z.ts", ["src/a/.hidden/z.ts"]],
    ["X.ts", []],
    [
      ["*.ts", "**/y.*"],
      ["root.ts", "src/a/y.js"],
    ],
  ] as const) {
    expect([glob, await pathsOf(taken, { glob })]).toEqual([glob, wanted]);
  }
  expect(await pathsOf(taken, { path: "src/b" })).toEqual(["src/b/x.ts"]);
  expect(await pathsOf(taken, { path: "src/b", glob: "src/**" })).toEqual(["src/b/x.ts"]);
});

test("readlink() gives the bytes of a target, whatever they are", async () => {
  const { snapshot } = await editedDirectory(
    String.raw`ln -s $'to \xff' l; ln -s . dot; echo 1 >f`,
  );
  const taken = await snapshot();
  expect(await taken.readlink("l")).toEqual(Buffer.from("to \xff", "latin1"));
  expect((await taken.stat("dot")).target).toBe(".");
  await expect(taken.readlink("f")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("a path through a symbolic link, a file or nothing is not found", async () => {
  const { snapshot } = await editedDirectory("mkdir d; echo 1 >d/f; ln -s d l");
  const taken = await snapshot();
  for (const path of ["l/f", "d/f/below", "missing", "d/missing", "d/F", "D/f"]) {
    await expect(taken.stat(path)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(taken.readFile(path)).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
  for (const path of ["..", "d/../d/f", "d\0"]) {
    await expect(taken.stat(path)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  }
  for (const path of ["d//f", "./d/f", "/d/f", "d/./f/"]) {
    expect((await taken.stat(path)).path).toBe("d/f");
  }
});

test("what is asked of the wrong kind of entry says what it is", async () => {
  const { snapshot } = await editedDirectory("mkdir d; ln -s d l; echo 1 >f; mkfifo p");
  const taken = await snapshot();
  for (const path of ["d", "l", "p", ""]) {
    await expect(taken.readFile(path)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", path });
    await expect(buffer(taken.createReadStream(path))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  }
  for (const path of ["f", "l", "p"]) {
    await expect(taken.readdir(path)).rejects.toMatchObject({ code: "NOT_A_DIRECTORY", path });
    await expect(pathsOf(taken, { path })).rejects.toMatchObject({ code: "NOT_A_DIRECTORY" });
  }
});

test("a directory of many names is listed in order and each is found", async () => {
  const { directory, snapshot } = await editedDirectory("for n in {1..3000}; do echo $n >$n; done");
  const taken = await snapshot();
  const names = (await taken.readdir()).map(({ name }) => name);
  expect(names).toEqual(readdirSync(directory).sort());
  for (const name of ["1", "3000", "1500", names[64]!, names.at(-1)!]) {
    expect((await taken.readFile(name)).toString()).toBe(`${name}\n`);
  }
  await expect(taken.stat("0")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(taken.stat("99999")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

testIf(
  ["root", "devices", "koffi", "xattr"],
  "stat() tells owners, devices and attributes",
  async () => {
    const { snapshot } = await editedDirectory(
      "mknod d b 7 99; touch f; chown 12345:54321 f; setfattr -n user.a -v 1 f; touch -d @-1.5 f",
    );
    const taken = await snapshot();
    expect(await taken.stat("d")).toMatchObject({
      kind: "block-device",
      device: { major: 7, minor: 99 },
    });
    expect(await taken.stat("f")).toMatchObject({
      uid: 12_345,
      gid: 54_321,
      mtimeNs: -1_500_000_000n,
      xattrs: [{ name: Buffer.from("user.a"), value: Buffer.from("1") }],
    });
  },
);

async function pathsOf(snapshot: Snapshot, options: WalkOptions): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of snapshot.walk(options)) paths.push(path);
  return paths;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The paths of a listing, each directory before what is below it, names by their bytes. */
function depthFirst(listing: ReadonlyMap<string, unknown>): string[] {
  const paths = [...listing.keys()].filter((path) => path !== "");
  // A slash sorts before every other byte of a name here: what is below a directory follows it at once.
  const key = (path: string) => path.replaceAll("/", "\0");
  return paths.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
