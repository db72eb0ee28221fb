/** What node:fs refuses before it makes a call, an overlay refuses too: nothing is written in its stead. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

async function emptyOverlay() {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  return store.overlay();
}

/** What none of the calls takes, whatever its type says. */
const nothing: readonly unknown[] = [true, {}, Symbol("s"), () => 0];
const noData = [...nothing, 5, null, undefined, new ArrayBuffer(4)];
const noMode = [...nothing, null, undefined, -1, 0.5, "x"];
const noOwner = [...nothing, null, undefined, -2, 0.5, 2 ** 32, "1"];
const noLength = [...nothing, 1.5, Number.NaN, "1"];

type Call = (files: Files, at: string, value: never) => unknown;

/** Calls that are given what they do not take: on a path, on an open file, and by promises. */
const calls: readonly (readonly [name: string, call: Call, values: readonly unknown[]])[] = [
  ["writeFileSync", ({ sync }, at, value) => sync.writeFileSync(at, value), noData],
  ["appendFileSync", ({ sync }, at, value) => sync.appendFileSync(at, value), noData],
  ["writeFile", ({ promises }, at, value) => promises.writeFile(at, value), noData],
  ["appendFile", ({ promises }, at, value) => promises.appendFile(at, value), noData],
  [
    "writeSync",
    ({ sync }, at, value) => opened(sync, at, (fd) => sync.writeSync(fd, value)),
    noData,
  ],
  ["chmodSync", ({ sync }, at, value) => sync.chmodSync(at, value), noMode],
  [
    "fchmodSync",
    ({ sync }, at, value) => opened(sync, at, (fd) => sync.fchmodSync(fd, value)),
    noMode,
  ],
  ["chownSync", ({ sync }, at, value) => sync.chownSync(at, value, -1), noOwner],
  ["lchownSync", ({ sync }, at, value) => sync.lchownSync(at, -1, value), noOwner],
  ["truncateSync", ({ sync }, at, value) => sync.truncateSync(at, value), noLength],
  [
    "ftruncateSync",
    ({ sync }, at, value) => opened(sync, at, (fd) => sync.ftruncateSync(fd, value)),
    noLength,
  ],
];

interface Files {
  readonly sync: typeof fs;
  readonly promises: typeof fs.promises;
}

function opened(sync: Files["sync"], at: string, body: (file: number) => unknown): unknown {
  const file = sync.openSync(at, "r+");
  try {
    return body(file);
  } finally {
    sync.closeSync(file);
  }
}

test("what node:fs refuses as no data, mode, owner or length, an overlay refuses with its code, and the file stays", async () => {
  const overlay = await emptyOverlay();
  const real = join(scratchDirectory(), "file");
  const sides = [
    { files: { sync: fs, promises: fs.promises }, at: real },
    { files: { sync: overlay.sync, promises: overlay } as unknown as Files, at: "/file" },
  ];
  for (const { files, at } of sides) files.sync.writeFileSync(at, "keep", { mode: 0o640 });
  for (const [name, call, values] of calls) {
    for (const value of values) {
      const outcomes: unknown[] = [];
      for (const { files, at } of sides) {
        const outcome = await (async () => call(files, at, value as never))().then(
          () => "nothing is refused",
          ({ code }) => code,
        );
        const { mode, size } = files.sync.statSync(at);
        outcomes.push({ outcome, mode, size, text: files.sync.readFileSync(at, "utf8") });
      }
      expect([name, value, outcomes[1]]).toEqual([name, value, outcomes[0]]);
    }
  }
});
