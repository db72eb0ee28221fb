/** Setups of profiles: what they are run with, what they write, and how they end. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { nothingIsLeft, openProfiles, until } from "./open-profiles.js";

test("a setup that takes too long is ended with all that it started, and has failed", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { setup: "sleep 1000 & echo $!; wait", timeout: 300 });
  const { id } = await profiles.publish("web");
  await expect(profiles.waitUntilReady("web")).rejects.toMatchObject({ code: "SETUP_FAILED" });
  expect(await profiles.job(id)).toMatchObject({ error: "the setup took longer than 300 ms" });
  const pid = Number((await profiles.output(id)).text);
  expect(pid).toBeGreaterThan(0);
  await until(async () => !isRunning(pid));
  await nothingIsLeft(store);
});

test("what a setup leaves running ends with it", async () => {
  const { profiles } = await openProfiles();
  await profiles.define("web", { setup: "sleep 1000 & echo $!" });
  const { id } = await profiles.publish("web");
  await profiles.waitUntilReady("web");
  const pid = Number((await profiles.output(id)).text);
  await until(async () => !isRunning(pid));
});

test("the environment of a setup is what is told, and nothing of this process's", async () => {
  const { profiles } = await openProfiles();
  process.env.COPPICE_TEST_LEAK = "leaked";
  const { output } = await profiles.test({ setup: "env", env: { COLOUR: "green" } });
  delete process.env.COPPICE_TEST_LEAK;
  const names = output.text.split("\n").map((line) => line.split("=")[0]);
  expect(names.sort()).toEqual(
    ["", "COLOUR", "HOME", "LANG", "PATH", "PWD", "TMPDIR"]
      .concat(names.includes("_") ? ["_"] : [])
      .sort(),
  );
  expect(output.text).toContain("COLOUR=green\n");
});

test("secrets are given to a setup, hidden in its output, and stored nowhere", async () => {
  const { store, profiles } = await openProfiles();
  const draft = {
    setup: "printf %s $TOKEN | cut -c 1-3; echo a $TOKEN b",
    secrets: { TOKEN: "vault/t" },
  };
  await profiles.define("web", draft);
  const { id } = await profiles.publish("web");
  await expect(profiles.waitUntilReady("web")).rejects.toThrow("TOKEN (vault/t)");
  const resolveSecret = (reference: string) =>
    reference === "vault/t" ? "s3cret-value" : undefined;
  const again = await profiles.refresh("web", { resolveSecret });
  await profiles.waitUntilReady("web");
  expect(id).not.toBe(again.id);
  expect((await profiles.output(again.id)).text).toBe("s3c\na *** b\n");
  const rows = ["profile", "profile_version", "profile_job"].map((table) =>
    store.ledger.database.prepare(`SELECT * FROM ${table}`).all(),
  );
  expect(JSON.stringify(rows)).not.toContain("s3cret-value");
});

test("of long output the beginning and the end are kept, with a line that says what is missing", async () => {
  const { profiles } = await openProfiles();
  const total = 1_000_000;
  await profiles.define("web", { setup: `echo first; seq 1 ${total}; echo last >&2` });
  const { id } = await profiles.publish("web");
  await profiles.waitUntilReady("web");
  const { text, cutBytes } = await profiles.output(id);
  expect(cutBytes).toBeGreaterThan(0);
  expect(text.startsWith("first\n1\n2\n")).toBe(true);
  expect(text.endsWith(`\n${total}\nlast\n`)).toBe(true);
  expect(text.length).toBeLessThan(4.3 * 1024 * 1024);
  const written =
    "first\nlast\n".length + Array.from({ length: total }, (_, i) => `${i + 1}\n`).join("").length;
  const mark = `\n[${cutBytes} bytes left out]\n`;
  expect(text).toContain(mark);
  expect(text.length - mark.length + cutBytes).toBe(written);
});

test("testing a draft tells how it did and leaves nothing", async () => {
  const { store, profiles, scratch } = await openProfiles();
  const before = (await store.snapshots()).length;
  const base = { directory: join(scratch, "source") };
  expect(await profiles.test({ base, setup: ["cat package.json", "touch new"] })).toMatchObject({
    ok: true,
    exitCode: 0,
    output: { text: "{}\n", cutBytes: 0 },
  });
  expect(await profiles.test({ base: "base", setup: "nonsense-program" })).toMatchObject({
    ok: false,
    exitCode: 127,
  });
  await profiles.define("web", { setup: "echo from draft" });
  expect((await profiles.test("web")).output.text).toBe("from draft\n");
  expect((await store.snapshots()).length).toBe(before);
  expect(await store.workspaces()).toEqual([]);
  expect(store.ledger.database.prepare("SELECT count(*) AS n FROM profile_job").get()).toEqual({
    n: 0,
  });
});

test("what is no draft is refused by what is wrong with it", async () => {
  const { profiles } = await openProfiles();
  for (const draft of [
    { setup: 5 },
    { setup: "a\0b" },
    { setup: "", env: { "A B": "x" } },
    { setup: "", env: { A: 1 } },
    { setup: "", env: { A: "x" }, secrets: { A: "y" } },
    { setup: "", base: {} },
    { setup: "", refreshEvery: "every day" },
  ])
    await expect(profiles.define("web", draft as never)).rejects.toThrow(TypeError);
  for (const draft of [
    { setup: "x".repeat(64 * 1024 + 1) },
    { setup: "", timeout: 0 },
    { setup: "", refreshEvery: 999 },
  ])
    await expect(profiles.define("web", draft)).rejects.toThrow(RangeError);
  await expect(profiles.define("web", { setup: "", base: "none" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect((await profiles.list()).items).toEqual([]);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
