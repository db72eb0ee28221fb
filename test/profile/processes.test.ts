/** Profiles that several processes use, and processes that are killed. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RefreshJob, Store } from "#dist/index.js";
import { startScript } from "../support/script.js";
import { isGone, nothingIsLeft, openProfiles, textIn, until } from "./open-profiles.js";

/** Starts a process that uses a store's profiles. */
async function startUser(store: Store) {
  const child = startScript(new URL("children/use-profiles.mjs", import.meta.url), [
    store.directory,
  ]);
  await child.line();
  return child;
}

test("of many processes that refresh at once one queues a job, and all are told that one", async () => {
  const { store, profiles, scratch } = await openProfiles();
  const [log, gate] = [join(scratch, "log"), join(scratch, "gate")];
  writeFileSync(log, "");
  await profiles.define("web", {
    setup: `echo begun >>${log}; until test -e ${gate}; do sleep 0.05; done`,
  });
  await profiles.publish("web");
  writeFileSync(gate, "");
  await profiles.waitUntilReady("web");
  const users = await Promise.all(Array.from({ length: 4 }, () => startUser(store)));
  writeFileSync(log, "");
  // None of them can end before all have asked.
  const again = join(scratch, "again");
  await profiles.define("web", {
    setup: `echo begun >>${log}; until test -e ${again}; do sleep 0.05; done`,
  });
  await profiles.publish("web", { run: false });
  for (const user of users) user.write("refresh web");
  const told = await Promise.all(
    users.map(async (user) => JSON.parse((await user.line())!) as RefreshJob),
  );
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
  expect(told.filter(({ isNew }) => isNew)).toEqual([]);
  writeFileSync(again, "");
  await profiles.waitUntilReady("web");
  expect(readFileSync(log, "utf8")).toBe("begun\n");
  for (let round = 0; round < 3; round++) {
    for (const user of users) user.write("refresh web");
    const jobs = await Promise.all(
      users.map(async (user) => JSON.parse((await user.line())!) as RefreshJob),
    );
    const fresh = jobs.filter(({ isNew }) => isNew).map(({ id }) => id);
    // Each that was told of a job under way was told of one that somebody queued.
    expect(new Set(fresh).size).toBe(fresh.length);
    expect(new Set(jobs.map(({ id }) => id))).toEqual(
      new Set(fresh.length > 0 ? fresh : [jobs[0]!.id]),
    );
    await until(async () => (await profiles.get("web")).state === "ready");
  }
  for (const user of users) user.write("end");
  expect(await Promise.all(users.map((user) => user.ended()))).toEqual([0, 0, 0, 0]);
  await nothingIsLeft(store);
});

test("a job whose process is killed ends with it, and another process runs it to its end", async () => {
  const { store, profiles, scratch } = await openProfiles();
  const gate = join(scratch, "gate");
  const base = { directory: join(scratch, "source") };
  await profiles.define("web", {
    base,
    setup: `echo $$; touch begun; test -e ${gate} || sleep 1000; ls`,
  });
  const { id } = await profiles.publish("web", { run: false });
  const first = await startUser(store);
  first.write("work");
  await until(async () => (await profiles.output(id)).text !== "");
  const pid = Number((await profiles.output(id)).text);
  await first.kill();
  await until(async () => !isRunning(pid));
  writeFileSync(gate, "");
  const second = await startUser(store);
  second.write("work");
  await profiles.waitUntilReady("web");
  const job = await profiles.job(id);
  expect(job).toMatchObject({ state: "ready", attempts: 2 });
  expect((await profiles.output(id)).text).toMatch(/^\d+\nbegun\npackage\.json\n$/);
  second.write("end");
  expect(await second.ended()).toBe(0);
  expect(readdirSync(tmpdir())).not.toContain(`coppice-setup-${id}`);
  await nothingIsLeft(store);
});

test("a job that ends its process each time has failed after the third, and what was ready serves", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { setup: "echo good >made" });
  await profiles.publish("web");
  const good = await profiles.waitUntilReady("web");
  await profiles.define("web", { setup: "echo begun; sleep 1000" });
  const { id } = await profiles.publish("web", { run: false });
  for (let attempt = 1; attempt <= 3; attempt++) {
    const user = await startUser(store);
    user.write("work");
    await until(async () => {
      const job = await profiles.job(id);
      return job.attempts === attempt && (await profiles.output(id)).text === "begun\n";
    });
    await user.kill();
  }
  const last = await startUser(store);
  last.write("work");
  await until(async () => (await profiles.job(id)).state === "failed");
  expect((await profiles.job(id)).error).toBe("its process ended before it did, 3 times");
  expect(await textIn(await profiles.readySnapshot("web"), "made")).toBe("good\n");
  expect((await profiles.readySnapshot("web")).id).toBe(good.id);
  last.write("end");
  await last.ended();
  await nothingIsLeft(store);
});

test("a process waits for what another one makes", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { setup: "true" });
  await profiles.publish("web", { run: false });
  const waiting = await startUser(store);
  waiting.write("wait web");
  const working = await startUser(store);
  working.write("work");
  const id = await waiting.line();
  expect((await profiles.readySnapshot("web")).id).toBe(id);
  const next = await profiles.refresh("web");
  await until(async () => (await profiles.job(next.id)).state === "ready");
  await isGone(store, id!);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
