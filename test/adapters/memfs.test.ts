/** The same calls on memfs and on an overlay in its shape. */
import type * as realFs from "node:fs";
import { Volume } from "memfs";
import { expect, test } from "vitest";
import type { MemfsVolume } from "#dist/adapters/memfs.js";
import { memfsVolume } from "#dist/adapters/memfs.js";
import { openOverlay } from "./open-overlay.js";

/** What both are called as: memfs's declarations say less than it takes. */
type Vol = Omit<MemfsVolume, "promises"> & { readonly promises: typeof realFs.promises };

async function both(): Promise<{ readonly ours: MemfsVolume; readonly pair: readonly [Vol, Vol] }> {
  const { overlay } = await openOverlay();
  const ours = memfsVolume(overlay);
  return { ours, pair: [ours as unknown as Vol, new Volume() as unknown as Vol] };
}

/** Returns what a call gives, or the code of its error. */
function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

const json = {
  "README.md": "read me",
  "src/index.ts": "export {};\n",
  "src/deep/er/file": "deep",
  "../outside": "above",
  "/absolute/äöü": "ä",
  empty: null,
  "src/none/": null,
};

/** Calls that are made one after another; what one gives is looked at, and then all that there is. */
const calls: Record<string, (vol: Vol) => unknown> = {
  "fromJSON makes files, and the directories that they are in": (vol) => vol.fromJSON(json, "/app"),
  "toJSON of a directory": (vol) => vol.toJSON("/app/src"),
  "toJSON of several paths, one of them missing": (vol) =>
    vol.toJSON(["/app/src/index.ts", "/none", "/absolute"]),
  "toJSON with paths from the directory": (vol) => vol.toJSON("/app", {}, true),
  "toJSON adds to what it is given": (vol) => vol.toJSON("/absolute", { there: "before" }),
  "toJSON as bytes": (vol) =>
    Object.entries(vol.toJSON("/app/src", undefined, false, true))
      .sort()
      .map(([path, content]) => [path, content?.toString("hex" as never)]),
  "fromJSON writes over what is there": (vol) => vol.fromJSON({ "/app/README.md": "again" }),
  fromNestedJSON: (vol) =>
    vol.fromNestedJSON({ a: { b: { c: "nested" }, none: {} }, d: null }, "/nested"),
  mountSync: (vol) => vol.mountSync("/mounted", { "x/y": "z" }),
  "writeFileSync and readFileSync": (vol) => {
    vol.writeFileSync("/app/new", "new", { mode: 0o600 });
    return [vol.readFileSync("/app/new", "utf8"), vol.readFileSync("/app/new").toString("hex")];
  },
  "writeFileSync of bytes, with an encoding and a flag": (vol) => {
    vol.writeFileSync("/app/bytes", new Uint8Array([1, 2, 255]));
    vol.writeFileSync("/app/bytes", "ff00", { encoding: "hex", flag: "a" });
    return vol.readFileSync("/app/bytes", "hex");
  },
  "appendFileSync makes a file and adds to it": (vol) => {
    vol.appendFileSync("/app/log", "a");
    vol.appendFileSync("/app/log", "b");
    return vol.readFileSync("/app/log", { encoding: "utf8" });
  },
  "mkdirSync tells the first directory": (vol) => [
    vol.mkdirSync("/app/one"),
    vol.mkdirSync("/app/one", { recursive: true }),
  ],
  "readdirSync is sorted": (vol) => vol.readdirSync("/app"),
  "readdirSync with types": (vol) =>
    vol
      .readdirSync("/app", { withFileTypes: true })
      .map((entry) => entry as realFs.Dirent)
      .map((entry) => [entry.name, entry.isFile(), entry.isDirectory(), entry.isSymbolicLink()]),
  "statSync and lstatSync": (vol) => {
    vol.symlinkSync("README.md", "/app/link");
    const [followed, link] = [vol.statSync("/app/link")!, vol.lstatSync("/app/link")!];
    return [followed.isFile(), followed.size, link.isSymbolicLink(), link.isFile()];
  },
  "statSync of what is missing": (vol) => vol.statSync("/none", { throwIfNoEntry: false }),
  "existsSync and accessSync": (vol) => [
    vol.existsSync("/app/link"),
    vol.existsSync("/none"),
    vol.accessSync("/app"),
  ],
  "readlinkSync and realpathSync": (vol) => [
    vol.readlinkSync("/app/link"),
    vol.realpathSync("/app/link"),
  ],
  renameSync: (vol) => {
    vol.renameSync("/app/log", "/app/one/log");
    return vol.readdirSync("/app/one");
  },
  "linkSync and unlinkSync": (vol) => {
    vol.linkSync("/app/one/log", "/app/hard");
    const { nlink } = vol.statSync("/app/hard")!;
    vol.unlinkSync("/app/one/log");
    return [nlink, vol.readFileSync("/app/hard", "utf8")];
  },
  "copyFileSync and truncateSync": (vol) => {
    vol.copyFileSync("/app/README.md", "/app/copy");
    vol.truncateSync("/app/copy", 2);
    return vol.readFileSync("/app/copy", "utf8");
  },
  "chmodSync and utimesSync": (vol) => {
    vol.chmodSync("/app/copy", 0o640);
    vol.utimesSync("/app/copy", 1000, 2000);
    const { mode, mtimeMs } = vol.statSync("/app/copy") as realFs.Stats;
    return [mode & 0o777, mtimeMs];
  },
  "openSync, writeSync, readSync and closeSync": (vol) => {
    const fd = vol.openSync("/app/opened", "w+");
    const written = [vol.writeSync(fd, "hello"), vol.writeSync(fd, "J", 0)];
    const bytes = Buffer.alloc(5);
    const count = vol.readSync(fd, bytes, 0, 5, 0);
    const { size } = vol.fstatSync(fd) as realFs.Stats;
    vol.closeSync(fd);
    return [written, count, bytes.toString(), size, outcome(() => vol.fstatSync(fd))];
  },
  "rmSync and rmdirSync": (vol) => {
    vol.rmSync("/nested", { recursive: true });
    vol.rmSync("/none", { force: true });
    vol.rmdirSync("/app/one");
  },
  mkdtempSync: (vol) =>
    vol
      .mkdtempSync("/app/tmp-")
      .replace(/.{6}$/, "")
      .concat(
        String(vol.readdirSync("/app").filter((name) => String(name).startsWith("tmp-")).length),
      ),
  "what cannot be done has node:fs's codes": (vol) =>
    [
      () => vol.readFileSync("/none"),
      () => vol.readFileSync("/app"),
      () => vol.writeFileSync("/none/file", ""),
      () => vol.writeFileSync("/app/README.md/file", ""),
      () => vol.mkdirSync("/app"),
      () => vol.mkdirSync("/none/dir"),
      () => vol.rmdirSync("/app"),
      () => vol.readdirSync("/none"),
      () => vol.readdirSync("/app/README.md"),
      () => vol.unlinkSync("/none"),
      () => vol.symlinkSync("x", "/app/link"),
      () => vol.linkSync("/none", "/x"),
      () => vol.renameSync("/none", "/x"),
      () => vol.readlinkSync("/app/README.md"),
      () => vol.statSync("/none"),
      () => vol.accessSync("/none"),
      () => vol.openSync("/none", "r"),
      () => vol.openSync("/app/README.md", "wx"),
      () => vol.rmSync("/none"),
    ].map(outcome),
};

test("calls give on an overlay what they give on memfs, and leave the same", async () => {
  const { pair } = await both();
  for (const [name, call] of Object.entries(calls)) {
    const [ours, theirs] = pair.map((vol) => [
      outcome(() => call(vol)),
      withoutRandom(vol.toJSON()),
    ]);
    expect([name, ...ours!]).toEqual([name, ...theirs!]);
  }
  expect(Object.keys(pair[0].toJSON()).length).toBeGreaterThan(10);
});

/** The directory of `mkdtempSync` has a name that nobody knows. */
function withoutRandom(found: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(found).map(([path, content]) => [path.replace(/tmp-.{6}/, "tmp-"), content]),
  );
}

test("promises and callbacks do on an overlay what they do on memfs", async () => {
  const { pair } = await both();
  const told = await Promise.all(
    pair.map(async (vol) => {
      const { promises } = vol;
      await promises.mkdir("/a/b", { recursive: true });
      await promises.writeFile("/a/b/c", "text");
      await promises.appendFile("/a/b/c", "!");
      const failed = await promises.stat("/none").catch(({ code }) => code);
      const handle = await promises.open("/a/b/c", "r+");
      await handle.write("T", 0);
      await handle.close();
      const called = await new Promise((resolve) =>
        vol.readFile("/a/b/c", "utf8", (error, text) => resolve([error, text])),
      );
      const missing = await new Promise((resolve) =>
        vol.readFile("/none", (error, text) => resolve([error?.code, text])),
      );
      const is = await new Promise((resolve) => vol.exists("/a", resolve));
      await promises.rename("/a/b", "/a/d");
      await promises.rm("/a/d/c");
      return {
        failed,
        called,
        missing,
        is,
        names: await promises.readdir("/a"),
        all: vol.toJSON(),
      };
    }),
  );
  expect(told[0]).toEqual(told[1]);
  expect(told[0]?.called).toEqual([null, "Text!"]);
});

test("toJSON and fromJSON take every text there and back", async () => {
  const { ours } = await both();
  const all = { "/a": "", "/b/c": "text\r\n\0", "/b/ü/😀": "😀", "/d/e": null };
  ours.fromJSON(all);
  expect(ours.toJSON()).toEqual(all);
  const { overlay } = await openOverlay();
  const other = memfsVolume(overlay);
  other.fromJSON(ours.toJSON());
  expect(other.toJSON()).toEqual(all);
});

test("reset() removes everything, and the overlay can be captured and go back", async () => {
  const { overlay } = await openOverlay();
  const vol = memfsVolume(overlay);
  vol.fromJSON({ "/a/b": "c", "/d": null });
  const { snapshot } = await overlay.snapshot();
  vol.reset();
  expect(vol.toJSON()).toEqual({ "/": null });
  expect(vol.readdirSync("/")).toEqual([]);
  vol.fromJSON({ "/new": "new" });
  await overlay.restore(snapshot);
  expect(vol.toJSON()).toEqual({ "/a/b": "c", "/d": null });
});

test("relative paths start at the root, wherever the process is", async () => {
  const { ours } = await both();
  ours.fromJSON({ "a/b": "c", "./d": "e" });
  ours.fromJSON({ f: "g" }, "a");
  expect(ours.toJSON()).toEqual({ "/a/b": "c", "/a/f": "g", "/d": "e" });
  expect(ours.readFileSync("a/b", "utf8")).toBe("c");
});
