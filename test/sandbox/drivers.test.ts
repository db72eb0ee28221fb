/** The life of a sandbox, with each driver that works here. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { describe, expect } from "vitest";
import { Sandbox } from "#dist/index.js";
import { Ground, places } from "../workspace/ground.js";
import { emptyStore, openedAgain, processesOf, textOf, writtenBy } from "./sandbox-fixture.js";

/** Fills a directory that later sandboxes have from their snapshot only. */
const fill = "mkdir -p old/deep; echo one >old/deep/file; echo link >old/to; ln old/to old/other";
/** Changes what a snapshot gave it in ways that a layer must tell. */
const change = "mv old new; rm new/to; echo two >>new/deep/file; mkdir old; echo three >old/file";
const count = "i=0; while :; do i=$((i+1)); echo $i >count; done";

for (const [name, place] of Object.entries(places))
  describe(name, () => {
    const ground = new Ground(place);
    const { driver } = place;

    ground.test(
      "a sandbox runs programs, stops, is captured, is made again, and ends with nothing left",
      async () => {
        const { storeDirectory, store, create } = await emptyStore(ground.directory);
        const first = await create({ name: "one", driver });
        expect((await store.workspace(first.path)).driver).toBe(driver);
        expect((await first.exec.command(fill)).exitCode).toBe(0);
        const filled = await first.snapshot();

        const second = await Sandbox.fromSnapshot(store, filled.id, { name: "two", driver });
        expect((await second.exec.command(change)).exitCode).toBe(0);
        await second.files.rename("/new/deep", "/new/moved");
        await second.files.write("/new/moved/file", "written\n");
        await second.exec.command(count, { background: true });
        await writtenBy(second, "count");
        await second.pause();
        const stopped = await textOf(second, "count");
        const { id } = await second.snapshot();
        expect(await textOf(second, "count")).toBe(stopped);
        const other = await Sandbox.get(await openedAgain(storeDirectory), "two");
        await other.resume();
        while ((await textOf(second, "count")) === stopped) await new Promise(setImmediate);

        const third = await Sandbox.fromSnapshot(store, id, { driver });
        const { stdout } = await third.exec.command(
          "find . | LC_ALL=C sort; cat new/moved/file new/other old/file",
        );
        expect(stdout.split("\n").slice(0, -1)).toEqual([
          ...[".", "./count", "./new", "./new/moved", "./new/moved/file", "./new/other"],
          ...["./old", "./old/file", "written", "link", "three"],
        ]);
        expect(await textOf(third, "count")).toBe(stopped);
        expect(await textOf(first, "/old/deep/file")).toBe("one\n");

        // Ends although programs run in it, stopped or not.
        await third.exec.command("exec sleep 1000", { background: true, cwd: "/old" });
        await third.pause();
        for (const sandbox of [first, second, third]) {
          await sandbox.delete();
          expect(existsSync(sandbox.path)).toBe(false);
          expect(processesOf(sandbox.id)).toEqual([]);
        }
      },
    );

    ground.test("a sandbox ends while a file of it is read from outside, to its end", async () => {
      const { create } = await emptyStore(ground.directory);
      const sandbox = await create({ driver });
      const content = Buffer.alloc(1_000_000, "content ");
      await sandbox.files.write("file", content);
      const stream = await sandbox.files.readStream("file");
      await once(stream, "readable");
      await sandbox.delete();
      expect(existsSync(sandbox.path)).toBe(false);
      expect((await buffer(stream)).equals(content)).toBe(true);
    });
  });
