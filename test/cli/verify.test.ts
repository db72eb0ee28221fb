import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { flipText } from "../maintain/damage-store.js";
import { coppice, coppiceError } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

test("verify tells that a store is as it should be, and with exit code 1 what is damaged", async () => {
  const { store } = await storeWithSnapshots();
  const { stdout } = await coppice(["verify", "--deep", "--store", store]);
  expect(stdout).toMatch(
    /^✔ 2 snapshots, 1 pack, \d+ chunks of .* checked with SHA-256: no damage\n$/,
  );
  expect(
    await json(["verify", "--sample", "50%", "--since", "1h", "--store", store]),
  ).toMatchObject({
    ok: true,
    chunksChecked: 0,
  });
  flipText(store, "# Guide");
  const text = await coppice(["verify", "--store", store], { allowFailure: true });
  expect([text.exitCode, text.stdout]).toEqual([1, expect.stringContaining("docs/guide.md")]);
  const told = await coppice(["verify", "--json", "--store", store], { allowFailure: true });
  expect(JSON.parse(told.stdout)).toMatchObject({
    ok: false,
    damaged: { count: 1, first: [{ problem: "checksum", kind: "data" }] },
    affected: [
      { name: "second", paths: { count: 1, paths: [{ path: "docs/guide.md" }] } },
      { name: "first", paths: { count: 1 } },
    ],
  });
  const { error } = await coppiceError(["verify", "--sample", "2", "--store", store]);
  expect(error.code).toBe("USAGE");
});

test("repair heals from a directory, and makes a lost catalog anew", async () => {
  const { store, source: captured } = await storeWithSnapshots();
  const source = `${captured} elsewhere`;
  renameSync(captured, source);
  rmSync(join(store, "catalog.sqlite"));
  flipText(store, "# Guide");
  const dry = await json(["repair", "--dry-run", "--from", source, "--store", store]);
  expect(dry).toMatchObject({ dryRun: true, rebuilt: true, chunksHealed: 1 });
  expect(existsSync(join(store, "catalog.sqlite"))).toBe(false);
  const lost = await coppice(["repair", "--store", store], { allowFailure: true });
  expect([lost.exitCode, lost.stdout]).toEqual([1, expect.stringContaining("docs/guide.md")]);
  const log = await coppice(["log", "--store", store]);
  expect(log.stdout).toContain("degraded");
  const { stdout } = await coppice(["repair", "--from", source, "--store", store]);
  expect(stdout).toContain("1 chunk found in directories\n");
  expect(stdout).toContain("✔ 2 snapshots, none of which misses anything");
  expect((await coppice(["log", "--store", store])).stdout).not.toContain("degraded");
  expect(await json(["verify", "--deep", "--store", store])).toMatchObject({ ok: true });
});

async function json(args: readonly string[]): Promise<unknown> {
  return JSON.parse((await coppice([...args, "--json"])).stdout);
}
