/** Arguments of synchronous calls that are not what the types say: what node:fs refuses, an overlay refuses too. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

type Files = typeof fs;
type Call = (files: Files, at: string, value: never) => unknown;

/** What none of the calls takes. */
const nothing: readonly unknown[] = [true, {}, Symbol("s"), () => 0];
const noData = [...nothing, 5, null, undefined, new ArrayBuffer(4)];
const noMode = [...nothing, null, undefined, -1, 0.5, "x"];
const noOwner = [...nothing, null, undefined, -2, 0.5, 2 ** 32, "1"];
const noLength = [...nothing, 1.5, Number.NaN, "1"];

/** Calls on a path and on an open file, and what they do not take. */
const calls: readonly (readonly [name: string, call: Call, values: readonly unknown[]])[] = [
  ["writeFileSync", (files, at, value) => files.writeFileSync(at, value), noData],
  ["appendFileSync", (files, at, value) => files.appendFileSync(at, value), noData],
  ["writeSync", onOpen((files, fd, value) => files.writeSync(fd, value)), noData],
  ["chmodSync", (files, at, value) => files.chmodSync(at, value), noMode],
  ["fchmodSync", onOpen((files, fd, value) => files.fchmodSync(fd, value)), noMode],
  ["chownSync", (files, at, value) => files.chownSync(at, value, -1), noOwner],
  ["lchownSync", (files, at, value) => files.lchownSync(at, -1, value), noOwner],
  ["truncateSync", (files, at, value) => files.truncateSync(at, value), noLength],
  ["ftruncateSync", onOpen((files, fd, value) => files.ftruncateSync(fd, value)), noLength],
];

function onOpen(body: (files: Files, fd: number, value: never) => unknown): Call {
  return (files, at, value) => {
    const fd = files.openSync(at, "r+");
    try {
      return body(files, fd, value);
    } finally {
      files.closeSync(fd);
    }
  };
}

/** Makes a call, and returns the code of its error, and what the file is then. */
function outcomeOf(files: Files, at: string, call: () => unknown): unknown {
  let code: unknown = "nothing is refused";
  try {
    call();
  } catch (error) {
    ({ code } = error as NodeJS.ErrnoException);
  }
  const { mode, size } = files.statSync(at);
  return { code, mode, size, text: files.readFileSync(at, "utf8") };
}

test("what node:fs refuses as no data, mode, owner or length, an overlay refuses with its code, and the file stays", async () => {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  const real = join(scratchDirectory(), "file");
  const sides = [
    { files: fs, at: real },
    { files: store.overlay().sync as unknown as Files, at: "/file" },
  ];
  for (const { files, at } of sides) files.writeFileSync(at, "keep", { mode: 0o640 });
  for (const [name, call, values] of calls) {
    for (const value of values) {
      const [onDisk, inOverlay] = sides.map(({ files, at }) =>
        outcomeOf(files, at, () => call(files, at, value as never)),
      );
      expect([name, value, inOverlay]).toEqual([name, value, onDisk]);
    }
  }
});
