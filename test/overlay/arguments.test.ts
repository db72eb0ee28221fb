/** Arguments that are not what the types say: a program without types is told so as by node:fs, and nothing is done. */
import { mkdirSync, promises, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Overlay } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import { FileCalls } from "./children/file-calls.mjs";

/** What is given in the place of what should be. */
const WRONG: readonly unknown[] = [
  ...[undefined, null, 5, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 32, true],
  ...["constructor", "", {}, [], () => 1, Symbol("s"), 5n, new Date(Number.NaN)],
  new ArrayBuffer(4),
];

/** Stand for paths: of a file, a directory, a link, and of nothing. */
const [F, D, L, N] = ["<file>", "<directory>", "<link>", "<nothing>"];

/** Calls that are fine, and which of their parameters are put to the test: all of them, where it is not said. */
const CALLS: readonly (readonly [name: string, right: readonly unknown[], tried?: number[]])[] = [
  ["readFile", [F, "utf8"]],
  ["writeFile", [F, "text", "utf8"], [0, 1]],
  ["appendFile", [F, "text", "utf8"], [0, 1]],
  ["open", [F, "r", 0o666]],
  ["stat", [F]],
  ["lstat", [F]],
  ["readdir", [D, "utf8"]],
  ["opendir", [D]],
  ["readlink", [L, "utf8"]],
  ["realpath", [F, "utf8"]],
  ["mkdir", [N, 0o777]],
  ["mkdtemp", [N]],
  ["rmdir", [D]],
  ["rm", [F, {}]],
  ["unlink", [F]],
  ["rename", [F, N]],
  ["link", [F, N]],
  ["symlink", ["target", N]],
  ["copyFile", [F, N, 0]],
  ["cp", [F, N, {}]],
  // `null` is none, as the types of Node.js say.
  ["truncate", [F, 0], [0]],
  ["chmod", [F, 0o644]],
  ["chown", [F, 0, 0]],
  ["lchown", [F, 0, 0]],
  ["utimes", [F, 0, 0]],
  ["lutimes", [F, 0, 0]],
  ["access", [F, 0]],
];

const OPTIONS: readonly (readonly [name: string, right: readonly unknown[], names: string[]])[] = [
  ["readFile", [F], ["encoding", "signal"]],
  ["writeFile", [F, "text"], ["encoding", "mode", "signal"]],
  ["appendFile", [F, "text"], ["encoding", "mode", "signal"]],
  ["readdir", [D], ["encoding"]],
  ["opendir", [D], ["encoding"]],
  ["mkdir", [N], ["recursive", "mode"]],
  ["rm", [F], ["force", "recursive", "maxRetries", "retryDelay"]],
  [
    "cp",
    [F, N],
    [
      ...["dereference", "errorOnExist", "filter", "force", "mode", "preserveTimestamps"],
      ...["recursive", "verbatimSymlinks"],
    ],
  ],
];

/** Calls on what is open. */
const HANDLES: readonly (readonly [name: string, right: readonly unknown[], tried?: number[]])[] = [
  ["read", [Buffer.alloc(4), 0, 4, 0], [0, 1]],
  ["write", [Buffer.from("abcd"), 0, 4, 0], [0, 1]],
  ["writev", [[Buffer.from("a")], 0], [0]],
  ["readv", [[Buffer.alloc(1)], 0], [0]],
  ["chmod", [0o644]],
  ["chown", [0, 0]],
  ["utimes", [0, 0]],
  ["readFile", ["utf8"]],
  ["writeFile", ["text", "utf8"], [0, 1]],
  ["appendFile", ["text", "utf8"], [0, 1]],
];

/** A call with something wrong about it. */
interface Attempt {
  readonly label: string;
  readonly isOnOpen: boolean;
  readonly name: string;
  readonly parameters: readonly unknown[];
}

function attempts(): Attempt[] {
  const all: Attempt[] = [];
  const add = (name: string, parameters: readonly unknown[], what: string, isOnOpen = false) =>
    all.push({ label: `${name}, ${what}`, isOnOpen, name, parameters });
  for (const wrong of WRONG) {
    const what = typeof wrong === "symbol" ? "a symbol" : `${typeof wrong} ${wrong}`;
    for (const [calls, isOnOpen] of [[CALLS, false] as const, [HANDLES, true] as const])
      for (const [name, right, tried = right.map((_, index) => index)] of calls)
        for (const index of tried) {
          // Text is a path, and bytes; what is listed as bytes is taken for pieces.
          const isText = typeof wrong === "string" && typeof right[index] === "string";
          if (!isText || wrong === "")
            add(name, put(right, index, wrong), `${index}: ${what}`, isOnOpen);
        }
    // One that is `undefined` is none, as the types say.
    for (const [name, right, names] of OPTIONS)
      for (const option of wrong === undefined ? [] : names)
        add(name, [...right, { [option]: wrong }], `${option}: ${what}`);
  }
  return all;
}

function put(values: readonly unknown[], index: number, value: unknown): unknown[] {
  return values.map((each, at) => (at === index ? value : each));
}

type AnyFiles = Record<string, (...parameters: unknown[]) => Promise<unknown>>;

/** Makes a call below a directory, and returns the code of its error. */
async function codeOf(
  files: AnyFiles,
  root: string,
  { isOnOpen, name, parameters }: Attempt,
): Promise<string> {
  const given = parameters.map((each) =>
    typeof each === "string" ? each.replace(/^<(.*)>$/, `${root}/$1`) : each,
  );
  try {
    if (isOnOpen) {
      const handle = (await files.open!(`${root}/file`, "r+")) as AnyFiles;
      await handle[name]!(...given).finally(() => handle.close!());
    } else {
      const made = await files[name]!(...given);
      if (name === "open" || name === "opendir") await (made as AnyFiles).close!();
    }
    return "done";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

test("what node:fs does not take an overlay does not take, with the same code, and does nothing", async () => {
  const scratch = scratchDirectory();
  const root = join(scratch, "root");
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  const base = store.overlay();
  await base.writeFile("/file", "text");
  await base.mkdir("/directory");
  await base.symlink("file", "/link");
  const held = await new FileCalls(base).call(["everything"]);
  let refused = 0;
  for (const attempt of attempts()) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(join(root, "directory"), { recursive: true });
    writeFileSync(join(root, "file"), "text");
    symlinkSync("file", join(root, "link"));
    const code = await codeOf(promises as unknown as AnyFiles, root, attempt);
    // An overlay may take less: what it lists as of a type is of that type.
    if (!code.startsWith("ERR_")) continue;
    refused++;
    const overlay: Overlay = base.fork();
    const answer = await codeOf(overlay as unknown as AnyFiles, "", attempt);
    expect([attempt.label, answer]).toEqual([attempt.label, code]);
    const left = await new FileCalls(overlay).call(["everything"]);
    expect([attempt.label, left]).toEqual([attempt.label, held]);
  }
  expect(refused).toBeGreaterThan(500);
});

test("an open file is no number of another kind", async () => {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  const { sync } = store.overlay();
  for (const [fd, code] of [
    ["3", "ERR_INVALID_ARG_TYPE"],
    [undefined, "ERR_INVALID_ARG_TYPE"],
    [-1, "ERR_OUT_OF_RANGE"],
    [1.5, "ERR_OUT_OF_RANGE"],
    [2 ** 31, "ERR_OUT_OF_RANGE"],
    [99, "EBADF"],
  ] as const)
    expect(() => sync.fstatSync(fd as number)).toThrow(expect.objectContaining({ code }));
});

test("times that no record can hold are refused; the largest ones are captured", async () => {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  const overlay = store.overlay();
  await overlay.writeFile("/file", "text");
  for (const time of [1e300, 2 ** 53, -1e300])
    await expect(overlay.utimes("/file", 0, time)).rejects.toMatchObject({
      code: "ERR_OUT_OF_RANGE",
    });
  await overlay.utimes("/file", 0, 2 ** 53 - 1);
  const { snapshot } = await overlay.snapshot();
  expect(await snapshot.overlay().readFile("/file", "utf8")).toBe("text");
});
