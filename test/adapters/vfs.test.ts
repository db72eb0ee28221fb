/** An overlay mounted by @platformatic/vfs and by Node's own node:vfs, with what programs then do to it. */
import { once } from "node:events";
import { createRequire } from "node:module";
import { buffer } from "node:stream/consumers";
import type * as platformatic from "@platformatic/vfs";
import { expect } from "vitest";
import { vfsProvider } from "#dist/adapters/vfs.js";
import type { CapabilityName } from "../tooling/capability.js";
import { testIf } from "../tooling/test-if.js";
import { openOverlay } from "./open-overlay.js";

/** What both modules export, as far as they agree. */
type Vfs = Pick<typeof platformatic, "create" | "VirtualProvider">;

const modules: readonly (readonly [CapabilityName, string])[] = [
  ["platformatic-vfs", "@platformatic/vfs"],
  ["node-vfs", "node:vfs"],
];

for (const [need, name] of modules) {
  /** Returns an overlay that is mounted, and where. */
  const mounted = async () => {
    const opened = await openOverlay();
    const { create, VirtualProvider } = createRequire(import.meta.url)(name) as Vfs;
    const files = create(vfsProvider(VirtualProvider, opened.overlay));
    // One of them chooses where, and takes no path.
    files.mount("/project");
    return { ...opened, files, at: files.mountPoint! };
  };

  testIf(
    need,
    `${name}: what is written to a mounted overlay is in it, and the other way round`,
    async () => {
      const { overlay, files, at } = await mounted();
      expect(files.mkdirSync(`${at}/a/b`, { recursive: true })).toBe(`${at}/a`);
      files.writeFileSync(`${at}/a/b/c`, "one\n");
      files.appendFileSync(`${at}/a/b/c`, "two\n");
      expect(await overlay.readFile("/a/b/c", "utf8")).toBe("one\ntwo\n");
      await overlay.writeFile("/a/d", "three");
      await overlay.chmod("/a/d", 0o640);
      expect(files.readFileSync(`${at}/a/d`, "utf8")).toBe("three");
      expect(files.readFileSync(`${at}/a/d`)).toEqual(Buffer.from("three"));
      expect(files.statSync(`${at}/a/d`).mode & 0o777).toBe(0o640);
      expect(files.statSync(`${at}/a`).isDirectory()).toBe(true);
      expect(files.readdirSync(`${at}/a`)).toEqual(["b", "d"]);
      expect(
        files
          .readdirSync(`${at}/a`, { withFileTypes: true })
          .map((each) => [each.name, each.isFile()]),
      ).toEqual([
        ["b", false],
        ["d", true],
      ]);
      files.renameSync(`${at}/a/d`, `${at}/e`);
      files.copyFileSync(`${at}/e`, `${at}/f`);
      files.unlinkSync(`${at}/e`);
      expect(await overlay.readdir("/", { recursive: true })).toEqual(["a", "f", "a/b", "a/b/c"]);
      expect(() => files.rmdirSync(`${at}/a`)).toThrow(
        expect.objectContaining({ code: "ENOTEMPTY" }),
      );
      expect(() => files.readFileSync(`${at}/e`)).toThrow(
        expect.objectContaining({ code: "ENOENT" }),
      );
      expect(files.existsSync(`${at}/e`)).toBe(false);
      files.accessSync(`${at}/f`);
      files.unmount();
    },
  );

  testIf(need, `${name}: symbolic links lead where they lead in the overlay`, async () => {
    const { overlay, files, at } = await mounted();
    files.mkdirSync(`${at}/d`);
    files.writeFileSync(`${at}/d/file`, "text");
    files.symlinkSync("d/file", `${at}/relative`);
    await overlay.symlink("/d", "/absolute");
    expect(files.readlinkSync(`${at}/relative`)).toBe("d/file");
    expect(files.readFileSync(`${at}/relative`, "utf8")).toBe("text");
    expect(files.readFileSync(`${at}/absolute/file`, "utf8")).toBe("text");
    expect(files.realpathSync(`${at}/absolute/file`)).toBe(`${at}/d/file`);
    expect(files.lstatSync(`${at}/relative`).isSymbolicLink()).toBe(true);
    expect(files.statSync(`${at}/relative`).isFile()).toBe(true);
    files.unmount();
  });

  testIf(
    need,
    `${name}: open files, promises, callbacks and streams do what node:fs does`,
    async () => {
      const { overlay, files, at } = await mounted();
      await files.promises.writeFile(`${at}/a`, "0123456789");
      expect(await files.promises.readFile(`${at}/a`, "utf8")).toBe("0123456789");
      expect((await files.promises.stat(`${at}/a`)).size).toBe(10);
      await expect(files.promises.readFile(`${at}/none`)).rejects.toMatchObject({ code: "ENOENT" });

      const fd = files.openSync(`${at}/a`, "r");
      const bytes = Buffer.alloc(4);
      expect([files.readSync(fd, bytes, 0, 4, 3), bytes.toString()]).toEqual([4, "3456"]);
      expect([files.readSync(fd, bytes, 0, 2, null), bytes.toString("utf8", 0, 2)]).toEqual([
        2,
        "01",
      ]);
      expect([files.readSync(fd, bytes, 0, 2, null), bytes.toString("utf8", 0, 2)]).toEqual([
        2,
        "23",
      ]);
      expect(files.fstatSync(fd).size).toBe(10);
      // What is open stays what it is when its name goes.
      await overlay.unlink("/a");
      expect(files.readSync(fd, bytes, 0, 4, 6)).toBe(4);
      files.closeSync(fd);
      expect(() => files.fstatSync(fd)).toThrow(expect.objectContaining({ code: "EBADF" }));

      await overlay.writeFile("/b", "stream");
      const stream = files.createReadStream(`${at}/b`, { start: 1, end: 3 });
      // @platformatic/vfs gives nothing to who asks before the file is open.
      await once(stream, "open");
      expect((await buffer(stream)).toString()).toBe("tre");
      const told = await new Promise((resolve) =>
        files.readFile(`${at}/b`, "utf8", (error, text) => resolve([error, text])),
      );
      expect(told).toEqual([null, "stream"]);
      files.unmount();
    },
  );

  testIf(need, `${name}: modules are loaded from a mounted overlay`, async () => {
    const { overlay, files, at } = await mounted();
    await overlay.mkdir("/lib/node_modules/dependency", { recursive: true });
    await overlay.writeFile("/lib/answer.cjs", "module.exports = require('dependency') + 1;");
    await overlay.writeFile("/lib/node_modules/dependency/index.js", "module.exports = 41;");
    expect(createRequire(import.meta.url)(`${at}/lib/answer.cjs`)).toBe(42);
    files.unmount();
  });
}
