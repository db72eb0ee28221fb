/** Profiles on the command line. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { until } from "../profile/open-profiles.js";
import { startScript } from "../support/script.js";
import { coppice, coppiceError, MAIN } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

/** A store with snapshots, and a setup in a file. */
async function stage(setup: string) {
  const { store, scratch } = await storeWithSnapshots();
  const file = join(scratch, "setup.sh");
  writeFileSync(file, setup);
  const profile = (...args: readonly string[]) =>
    coppice(["profile", ...args, "--store", store], { allowFailure: true });
  const json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await profile(...args, "--json");
    return JSON.parse(stdout);
  };
  return { store, scratch, file, profile, json };
}

test("a profile is defined, tested, published, shown, and removed", async () => {
  const { file, profile, json, store } = await stage("cat edited.txt\necho made >made\n");
  const draft = [
    "--base",
    "second",
    "--setup",
    file,
    "--refresh-every",
    "6h",
    "--timeout",
    "10min",
  ];
  expect((await profile("define", "web", ...draft, "-e", "A=b")).stdout).toMatch(
    /^NAME .*\nweb .*draft/,
  );
  expect(await profile("test", "web")).toMatchObject({ exitCode: 0, stderr: "afterwards\n" });
  const published = await profile("publish", "web");
  expect(published).toMatchObject({ exitCode: 0, stderr: "afterwards\n" });
  expect(published.stdout).toMatch(/^web@1 ready: [0-9a-z]{16} \(job [0-9a-z]{16}\)\n$/);
  const shown = await json("show", "web");
  expect(shown).toMatchObject({
    state: "ready",
    version: 1,
    draft: { base: "second", env: { A: "b" }, refreshEvery: 21_600_000, timeout: 600_000 },
    versions: [{ version: 1 }],
  });
  expect((await profile("wait", "web")).stdout).toBe(`${shown.snapshot}\n`);
  const { stdout } = await coppice(["cat", String(shown.snapshot), "made", "--store", store]);
  expect(stdout).toBe("made\n");
  expect((await profile("list")).stdout).toMatch(/\nweb +1 +ready +[0-9a-z]{16} +6h\n$/);
  expect((await profile("show", "web")).stdout).toMatch(
    /\nvariables +A\nrefresh +6h\ntimeout +10min\n/,
  );
  const { jobs } = await json("jobs", "web");
  const [{ id }] = jobs as [{ id: string }];
  expect((await profile("output", id)).stdout).toBe("afterwards\n");
  expect((await profile("remove", "web")).stdout).toBe("Removed web\n");
  expect(await json("list")).toEqual({ profiles: [], cursor: null });
});

test("a setup that fails is told, with exit code 1", async () => {
  const { file, profile, json } = await stage("echo oh no; exit 7\n");
  await profile("define", "web", "--setup", file);
  const tested = await profile("test", "--setup", file);
  expect(tested).toMatchObject({ exitCode: 1 });
  expect(tested.stderr).toMatch(/^oh no\nwarning: the setup ended with exit code 7\n$/);
  const published = await profile("publish", "web");
  expect(published).toMatchObject({ exitCode: 1 });
  expect(published.stdout).toMatch(/^web@1 failed: the setup ended with exit code 7 \(job /);
  expect(await json("jobs", "web")).toMatchObject({ jobs: [{ state: "failed", exitCode: 7 }] });
  const waited = await profile("wait", "web", "--json");
  expect(waited.exitCode).toBe(1);
  expect(JSON.parse(waited.stderr)).toMatchObject({ error: { code: "SETUP_FAILED" } });
});

test("work runs what is queued until it is told to end", async () => {
  const { file, profile, json, store } = await stage("true\n");
  await profile("define", "web", "--setup", file);
  expect((await profile("publish", "web", "--no-run")).stdout).toMatch(/^web@1 queued /);
  const worker = startScript(pathToFileURL(MAIN), ["profile", "work", "--store", store]);
  await profile("wait", "web");
  worker.process.kill("SIGTERM");
  expect(await worker.ended()).toBe(0);
  expect(await json("show", "web")).toMatchObject({ state: "ready" });
});

test("a publication that is interrupted leaves its job queued", async () => {
  const { file, profile, json, store } = await stage("sleep 1000\n");
  await profile("define", "web", "--setup", file);
  const publishing = startScript(pathToFileURL(MAIN), [
    "profile",
    "publish",
    "web",
    "--store",
    store,
  ]);
  await until(async () => (await json("show", "web")).state === "running");
  publishing.process.kill("SIGINT");
  expect(await publishing.ended()).toBe(130);
  expect(await json("show", "web")).toMatchObject({ state: "queued" });
});

test("secrets are variables of whoever runs the setup, and are not shown", async () => {
  const { file, store, profile } = await stage('test "$TOKEN" = s3cret\necho token $TOKEN\n');
  await profile("define", "web", "--setup", file, "--secret", "TOKEN");
  const { exitCode, stderr } = await coppice(["profile", "publish", "web", "--store", store], {
    env: { TOKEN: "s3cret" },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "token ***\n" });
});

test("a draft that is none is not understood", async () => {
  const { file, store } = await stage("true\n");
  for (const options of [
    [],
    ["--setup", file, "--base", "first", "--base-profile", "web"],
    ["--setup", file, "--refresh-every", "often"],
    ["--setup", file, "--refresh-every", "61 * * * *"],
    ["--setup", file, "-e", "A B=c"],
    ["--setup", file, "--timeout", "1"],
  ]) {
    const args = ["profile", "define", "web", ...options, "--store", store];
    const { exitCode, error } = await coppiceError(args);
    expect([options, exitCode, error.code]).toEqual([options, 2, "USAGE"]);
  }
});
