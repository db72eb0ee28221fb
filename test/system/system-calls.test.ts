import { cpSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { loadNativeLibrary } from "#dist/system/native-library.js";
import { systemCalls } from "#dist/system/system-calls.js";
import { systemError } from "#dist/system/system-error.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";

const compiled = createRequire(import.meta.url).resolve("#dist/system/system-calls.js");

testIf("koffi", "systemCalls() is loaded once", (context) => {
  const system = demandSystemCalls(context);
  expect(systemCalls()).toBe(system);
});

testIf("koffi", "the calls work in worker threads, several at a time", async (context) => {
  const system = demandSystemCalls(context);
  const directory = scratchDirectory();
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    const fs = require("node:fs");
    import(workerData.module).then(({ systemCalls }) => {
      const system = systemCalls();
      const file = Buffer.concat([Buffer.from(workerData.directory), Buffer.from([0x2f, 0xff, 0x30 + workerData.index])]);
      fs.writeFileSync(file, "data");
      for (let round = 0; round < 500; round += 1) {
        system.setTimes(file, -1000 - round, workerData.index);
        system.readExtendedAttributes(file);
        try { system.readExtendedAttributes(workerData.directory + "/missing"); } catch (error) {
          if (error.code !== "ENOENT") throw error;
        }
      }
      const fd = fs.openSync(file, "r");
      parentPort.postMessage([fs.lstatSync(file, { bigint: true }).mtimeNs, system.seekHole(fd, 0)]);
      fs.closeSync(fd);
    });`;
  const results = [0, 1, 2].map((index) => {
    const workerData = { module: pathToFileURL(compiled).href, directory, index };
    const worker = new Worker(code, { eval: true, workerData });
    return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  });
  writeFileSync(join(directory, "main"), "");
  for (let round = 0; round < 500; round += 1) system.setTimes(join(directory, "main"), round, 5);
  expect(await Promise.all(results)).toEqual(
    [0n, 1n, 2n].map((index) => [-1499n * 1_000_000_000n + index, 4]),
  );
});

testIf("koffi", "a failed call is told as node:fs tells it", (context) => {
  const system = demandSystemCalls(context);
  const directory = scratchDirectory();
  writeFileSync(join(directory, "file"), "");
  const long = `${directory}/${"x".repeat(5000)}`;
  for (const path of [`${directory}/missing`, `${directory}/file/below`, long]) {
    const expected = failureOf(() => lstatSync(path));
    const found = failureOf(() => system.readExtendedAttributes(path));
    expect({ ...found }).toEqual({ ...expected, syscall: "llistxattr" });
    expect(found.message).toBe(expected.message.replace("lstat", "llistxattr"));
    const bytes = failureOf(() => system.readExtendedAttributes(Buffer.from(path)));
    expect({ ...bytes, message: bytes.message }).toEqual({ ...found, message: found.message });
  }
});

testIf("koffi", "a path with a zero byte reaches no file", (context) => {
  const system = demandSystemCalls(context);
  const directory = scratchDirectory();
  for (const path of [`${directory}\0/x`, Buffer.from(`${directory}\0/x`)]) {
    expect(() => system.readExtendedAttributes(path)).toThrow(TypeError);
    expect(() => system.setTimes(path, 0, 0)).toThrow(TypeError);
  }
  const name = Buffer.from("user.a\0b");
  expect(() => system.setExtendedAttribute(directory, name, Buffer.alloc(0))).toThrow(TypeError);
});

test("where koffi is not installed or broken, that and the remedy are the outcome", async () => {
  const directory = scratchDirectory();
  cpSync(dirname(compiled), join(directory, "system"), { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  const script =
    'import { systemCalls } from "./system/system-calls.js"; console.log(JSON.stringify(systemCalls()));';
  writeFileSync(join(directory, "main.js"), script);
  const outcome = async (): Promise<unknown> =>
    JSON.parse((await run(process.execPath, [join(directory, "main.js")])).stdout);
  if (process.platform !== "linux") {
    expect(await outcome()).toEqual({ unavailable: expect.stringContaining("use Linux") });
    return;
  }
  expect(await outcome()).toEqual({
    unavailable: "the optional package koffi is not installed, install it with npm install koffi",
  });
  mkdirSync(join(directory, "node_modules/koffi"), { recursive: true });
  writeFileSync(
    join(directory, "node_modules/koffi/index.js"),
    'throw new Error("no binary for this machine");',
  );
  expect(await outcome()).toEqual({
    unavailable:
      "the optional package koffi does not load (no binary for this machine), install it again with npm install koffi",
  });
});

test("on other systems and processors the reason is told before anything is loaded", () => {
  expect(loadNativeLibrary("darwin", "arm64")).toEqual({
    unavailable: expect.stringContaining("this is darwin"),
  });
  expect(loadNativeLibrary("linux", "ia32")).toEqual({
    unavailable: expect.stringContaining("this is ia32"),
  });
});

test("systemError() names numbers that libuv does not know", () => {
  expect(systemError(2, "call")).toMatchObject({ code: "ENOENT", errno: -2, syscall: "call" });
  expect(systemError(99_999, "call", "path")).toMatchObject({
    code: "UNKNOWN",
    errno: -99_999,
    path: "path",
  });
});

function failureOf(action: () => unknown): NodeJS.ErrnoException {
  try {
    action();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error("nothing failed");
}
