/** Long paths and deep directories: further than one system call reaches. */
import { closeSync, constants, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { diffOf, editedDirectory } from "./edited-directory.js";

for (const [what, names] of [
  ["a path of 4,095 bytes", [...Array<string>(15).fill("n".repeat(255)), "n".repeat(254)]],
  ["a path of 8,000 bytes", Array<string>(31).fill("n".repeat(255))],
  ["a path of 2,040 names", Array<string>(2040).fill("d")],
] as const) {
  testIf(["koffi", "byte-names"], `${what} is captured, read, compared and restored`, async () => {
    const { scratch, store, directory, snapshot } = await editedDirectory();
    const bottom = makePath(directory, names);
    writeFileSync(`${bottom}/file`, "bottom");
    const empty = await snapshot({ exclude: ["*"] });
    const { snapshot: taken, report } = await store.snapshot(directory);
    const entries = names.length + 1;
    expect(report).toMatchObject({ entries, unreadable: { count: 0 }, changed: { count: 0 } });

    const path = [...names, "file"].join("/");
    expect((await taken.readFile(path)).toString()).toBe("bottom");
    const walked: string[] = [];
    for await (const entry of taken.walk()) walked.push(entry.path);
    expect(walked.at(-1)).toBe(path);
    const changes = await diffOf(store, empty, taken);
    expect(changes.filter(({ change }) => change === "added")).toHaveLength(entries);

    const target = join(scratch, "target");
    await store.restore(taken, target);
    expect((await store.snapshot(target)).snapshot.digest).toBe(taken.digest);

    writeFileSync(`${bottom}/file`, "other");
    expect((await snapshot()).digest).not.toBe(taken.digest);
    const { actions } = await store.restore(taken, directory);
    expect(actions).toMatchObject({ create: 0, replace: 1, update: 0, remove: 0, mkdir: 0 });
    expect((await snapshot()).digest).toBe(taken.digest);
    await store.restore(taken, target, { paths: [path] });
  });
}

/** Makes directories one in the other and returns a short path of the last one. */
function makePath(directory: string, names: readonly string[]): string {
  let path = directory;
  for (let first = 0; first < names.length; ) {
    let next = path;
    // As many as one system call takes.
    while (first < names.length && Buffer.byteLength(next) + names[first]!.length < 4000)
      next += `/${names[first++]}`;
    mkdirSync(next, { recursive: true });
    const descriptor = openSync(next, constants.O_RDONLY | constants.O_DIRECTORY);
    onTestFinished(() => closeSync(descriptor));
    path = `/proc/self/fd/${descriptor}`;
  }
  return path;
}
