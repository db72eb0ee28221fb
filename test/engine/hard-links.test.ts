/** Hard links in a directory that is restored in place: names change, files stay. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { editedDirectory } from "./edited-directory.js";
import { lines, listTree } from "./listing.js";

/** What stood there, what is restored, and the names that are the files that they were. */
const cases: Readonly<Record<string, readonly [now: string, target: string, kept: string]>> = {
  "a file gets a further name": ["echo 1 >a; ln a b", "echo 1 >a; ln a b; ln a c", "a b"],
  "a file loses a name": ["echo 1 >a; ln a b; ln a c", "echo 1 >a; ln a b", "a b"],
  "one of two names gets a file of its own": ["echo 1 >a; ln a b", "echo 2 >a; echo 1 >b", "b"],
  "two names part": ["echo 1 >a; ln a b", "echo 1 >a; echo 1 >b", "a"],
  "two files become one": ["echo 1 >a; echo 1 >b", "echo 1 >a; ln a b", "a"],
  "names change places": [
    "echo 1 >a; ln a b; echo 1 >c; ln c d",
    "echo 1 >a; ln a c; echo 1 >b; ln b d",
    "a d",
  ],
  "a file gets another name and another mode": [
    "echo 1 >a; ln a b",
    "echo 1 >a; chmod 600 a; mkdir n; ln a n/c",
    "a",
  ],
};

for (const [name, [now, target, kept]] of Object.entries(cases)) {
  testIf("koffi", `${name}: nothing is written that is there`, async () => {
    const times = "find . -exec touch -hd @1000 {} +";
    const { store, directory, edit, snapshot } = await editedDirectory(`${target}; ${times}`);
    const taken = await snapshot();
    const wanted = lines(listTree(directory));
    await edit(`rm -rf -- *; ${now}; ${times}`);
    const inodeOf = (each: string) => lstatSync(join(directory, each)).ino;
    const before = kept.split(" ").map(inodeOf);
    await store.restore(taken, directory);
    expect(lines(listTree(directory))).toEqual(wanted);
    expect(kept.split(" ").map(inodeOf)).toEqual(before);
  });
}

testIf("koffi", "names of one symbolic link stay one when its time is set", async () => {
  const { store, directory, edit, snapshot } = await editedDirectory("ln -s x a; ln -P a b");
  const taken = await snapshot();
  const wanted = lines(listTree(directory));
  await edit("touch -hd @5 a");
  await store.restore(taken, directory);
  expect(lines(listTree(directory))).toEqual(wanted);
});
