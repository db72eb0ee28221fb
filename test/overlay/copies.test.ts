import { expect } from "vitest";
import { testIf } from "../tooling/test-if.js";
import type { FileCall } from "./children/file-calls.mjs";
import { FileCalls } from "./children/file-calls.mjs";
import { RealFiles, realFilesNeed } from "./real-files.js";

const base: readonly FileCall[] = [
  ["mkdir", "/tree/below/deep", { recursive: true }],
  ["writeFile", "/tree/file", "in the tree", { mode: 0o640 }],
  ["writeFile", "/tree/below/deep/file", Buffer.alloc(100_000, "x")],
  ["symlink", "below/deep", "/tree/relative"],
  ["symlink", "/tree/file", "/tree/absolute"],
  ["chmod", "/tree/below", 0o2750],
  ["writeFile", "/file", "text"],
  ["chmod", "/file", 0o4711],
  ["utimes", "/file", 1_000, 2_000],
  ["utimes", "/tree/file", 3_000, 4_000],
  ["mkdir", "/there/below", { recursive: true }],
  ["writeFile", "/there/file", "was there"],
  ["writeFile", "/there/other", "stays"],
  ["symlink", "file", "/link"],
  ["symlink", "tree", "/toTree"],
  ["symlink", "missing", "/dangling"],
];

const all = { recursive: true };

const cases: readonly FileCall[] = [
  ["cp", "/file", "/new"],
  ["cp", "/file", "/new/deeper/file"],
  ["cp", "/file", "/there/file"],
  ["cp", "/file", "/there/file", { preserveTimestamps: true }],
  ["cp", "/file", "/there/file", { force: false }],
  ["cp", "/file", "/there/file", { force: false, errorOnExist: true }],
  ["cp", "/file", "/file"],
  ["cp", "/file", "/there"],
  ["cp", "/file", "/there/file/x"],
  ["cp", "/missing", "/new"],
  ["cp", "/missing", "/new", { dereference: true }],
  ["cp", "/file/x", "/new"],
  ["cp", "/tree", "/new"],
  ["cp", "/tree", "/new", all],
  ["cp", "/tree/", "/new/", all],
  ["cp", "tree", "new/a/b", all],
  ["cp", "/tree", "/there", all],
  ["cp", "/tree", "/there", { ...all, force: false }],
  // Of one name alone: in which order a directory is copied is the file system's.
  ["cp", "/tree/below/deep", "/there", { ...all, force: false, errorOnExist: true }],
  ["cp", "/tree", "/new", { ...all, preserveTimestamps: true }],
  ["cp", "/tree", "/new", { ...all, verbatimSymlinks: true }],
  ["cp", "/tree", "/new", { ...all, dereference: true }],
  ["cp", "/tree", "/new", { ...all, dereference: true, verbatimSymlinks: true }],
  ["cp", "/tree", "/file", all],
  ["cp", "/tree", "/tree", all],
  ["cp", "/tree", "/tree/below/new", all],
  ["cp", "/tree", "/toTree/below/new", all],
  ["cp", "/link", "/new"],
  ["cp", "/link", "/new", { verbatimSymlinks: true }],
  ["cp", "/link", "/new", { dereference: true }],
  ["cp", "/toTree", "/new", all],
  ["cp", "/toTree", "/new", { ...all, dereference: true }],
  ["cp", "/dangling", "/new"],
  ["cp", "/dangling", "/new", { dereference: true }],
];

testIf(realFilesNeed, "cp copies, replaces and refuses as that of Node.js does", async () => {
  const { real, store } = await RealFiles.besideStore();
  for (const each of cases) {
    await real.reset();
    const stored = new FileCalls(store.overlay());
    const calls: readonly FileCall[] = [...base, each, ["everything"]];
    const outcomes = [];
    for (const call of calls) outcomes.push(await stored.call(call));
    expect([each, ...outcomes.slice(-2)]).toEqual([each, ...(await real.calls(calls)).slice(-2)]);
  }
});
