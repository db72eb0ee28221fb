import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchDirectory } from "../support/scratch.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";

test("init makes a store for its owner alone, and leaves one as it is", async () => {
  const store = join(scratchDirectory(), "deep", "store");
  expect(await coppiceJson(["init", store])).toEqual({ store, created: true });
  expect(statSync(store).mode & 0o777).toBe(0o700);
  expect(await coppiceJson(["init", "--store", store])).toEqual({ store, created: false });
  expect((await coppice(["init"], { env: { COPPICE_STORE: store } })).stdout).toContain(store);
});

test("init refuses a directory with other content", async () => {
  const directory = scratchDirectory();
  writeFileSync(join(directory, "letter.txt"), "dear");
  const { exitCode, stdout, error } = await coppiceError(["init", directory]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(error).toMatchObject({ code: "NOT_A_STORE", path: directory });
});
