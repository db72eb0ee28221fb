/** Launching agents: what they need, and where secrets go. */
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AgentAuth } from "#dist/index.js";
import { filesWith } from "../maintain/raw-search.js";
import { inDirectory, opened } from "../workspace/workspace-fixture.js";
import { registryFixture } from "./registry-fixture.js";

const auth: AgentAuth = {
  requiredEnv: ["REGION", "USER_ID"],
  configFiles: [
    { path: "config/db.json", template: '{"password": "{{secrets.DB_PASSWORD}}"}' },
    { path: "keys/deep/key", template: "{{ secrets.KEY }} and \\{{secrets.KEY}}\n" },
  ],
  egress: { allow: ["api.example.com:443", "*.internal.example.com"], deny: ["169.254.169.254"] },
};
const secrets = { DB_PASSWORD: "pass{{secrets.KEY}}word$&", KEY: "ThisIsTheOnlyPlaceOfIt" };
const env = { REGION: "eu", USER_ID: "7", MORE: "1" };

test("a launch gives the files, the configuration and what is to be run", async () => {
  const { store, scratch, agent } = await registryFixture();
  await store.registry.upload({ ...agent, auth, runtime: "node", tag: "stable" });
  const dir = join(scratch, "run");
  const launched = await store.registry.launch(
    { name: "bot", tag: "stable" },
    {
      env,
      secrets,
      dir,
      networkPolicy: { allow: ["*:443", "eu.internal.example.com"], deny: ["10.0.0.0/8"] },
    },
  );
  expect(launched).toMatchObject({
    agent: { name: "bot", version: 1, runtime: "node" },
    entrypoint: "node main.js",
    command: ["sh", "-c", "node main.js"],
    env,
    egress: {
      allow: ["api.example.com:443", "*.internal.example.com:443", "eu.internal.example.com"],
      deny: ["169.254.169.254", "10.0.0.0/8"],
    },
  });
  // Secrets are taken as they are: nothing in them is looked at again.
  expect(readFileSync(join(dir, "config/db.json"), "utf8")).toBe(
    '{"password": "pass{{secrets.KEY}}word$&"}',
  );
  expect(readFileSync(join(dir, "keys/deep/key"), "utf8")).toBe(
    "ThisIsTheOnlyPlaceOfIt and {{secrets.KEY}}\n",
  );
  for (const path of ["config/db.json", "keys/deep/key"])
    expect(lstatSync(join(dir, path)).mode & 0o7777).toBe(0o600);
  const [program, ...args] = launched.command;
  const { stdout } = await launched.workspace.exec(program, args);
  expect(stdout).toBe("1\n");
  const other = await store.registry.launch(
    { name: "bot" },
    { env, secrets, dir: join(scratch, "other"), entrypoint: ["node", "-v"] },
  );
  expect(other.command).toEqual(["node", "-v"]);
  expect(other.egress).toEqual(auth.egress);
});

test("all that is missing is told at once, and nothing was made", async () => {
  const { store, scratch, agent } = await registryFixture();
  await store.registry.upload({ ...agent, auth });
  const dir = join(scratch, "run");
  const launch = (options: object) =>
    store.registry.launch({ name: "bot" }, { dir, ...options }).catch((error: unknown) => error);
  const all = await launch({ env: { MORE: "1" }, secrets: {} });
  expect(all).toMatchObject({ code: "MISSING_ENV" });
  for (const word of [
    "REGION, USER_ID",
    "{{secrets.DB_PASSWORD}} of config/db.json",
    "keys/deep/key",
  ])
    expect((all as Error).message).toContain(word);
  const some = await launch({ env, secrets: { KEY: secrets.KEY } });
  expect(some).toMatchObject({ code: "MISSING_SECRET" });
  expect((some as Error).message).toContain("{{secrets.DB_PASSWORD}} of config/db.json");
  expect((some as Error).message).not.toContain(secrets.KEY);
  // What every object has is no secret that was given.
  const inherited = await store.registry.upload({
    ...agent,
    auth: {
      requiredEnv: ["toString"],
      configFiles: [{ path: "a", template: "{{secrets.constructor}}" }],
    },
  });
  await expect(store.registry.launch(inherited)).rejects.toMatchObject({ code: "MISSING_ENV" });
  expect(existsSync(dir)).toBe(false);
  expect(await store.workspaces()).toEqual([]);
});

test("a secret is in no snapshot, and nowhere in the store's files", async () => {
  const { store, scratch, storeDirectory, agent } = await registryFixture();
  await store.registry.upload({ ...agent, auth });
  const dir = join(scratch, "run");
  const { workspace } = await store.registry.launch({ name: "bot" }, { env, secrets, dir });
  inDirectory(dir, "echo more >>main.js; echo x >>config/db.json");
  const { snapshot } = await workspace.snapshot();
  await store.snapshot(dir);
  const other = await opened(storeDirectory);
  const found = await other.workspace(workspace.id);
  inDirectory(dir, "echo more >>main.js; mkdir -p keys/deep; echo again >>keys/deep/key");
  await found.snapshot();
  await found.rollback();
  inDirectory(dir, `mkdir -p keys/deep; echo '${secrets.KEY}' >keys/deep/key`);
  await found.snapshot();
  const fork = await workspace.fork({ dir: join(scratch, "fork") });
  expect(readdirSync(join(fork.path, "config"))).toEqual(["base.json"]);
  for (const each of await store.snapshots())
    for await (const { path } of each.walk())
      expect(path).not.toMatch(/^config\/db.json$|^keys\/deep\/key$/);
  expect(await snapshot.readdir("config")).toMatchObject([{ name: "base.json" }]);
  await fork.discard();
  await workspace.discard();
  await other.close();
  await store.close();
  for (const secret of Object.values(secrets))
    expect(filesWith(storeDirectory, Buffer.from(secret))).toEqual([]);
});

test("what an agent asks for does not lead out of its files", async () => {
  const { store, agent } = await registryFixture(
    "ln -s /etc out; ln -s main.js link; mkfifo pipe; echo 1 >main.js",
  );
  const refused = (wrong: AgentAuth) =>
    expect(store.registry.upload({ ...agent, auth: wrong })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  for (const path of [
    "../x",
    "/etc/x",
    "a/../../x",
    "",
    ".",
    "a\0b",
    "a\nb",
    "out/x",
    "link",
    "link/x",
    "pipe",
    "main.js/x",
  ])
    await refused({ configFiles: [{ path, template: "" }] });
  for (const template of [
    "{{",
    "{{secrets.}}",
    "{{secrets.a-b}}",
    "{{env.A}}",
    "a\n{{#each}}",
    "{{{secrets.A}}}",
  ])
    await refused({ configFiles: [{ path: "a", template }] });
  await refused({
    configFiles: [
      { path: "a", template: "" },
      { path: "a/b", template: "" },
    ],
  });
  await refused({
    configFiles: [
      { path: "a", template: "" },
      { path: "./a", template: "" },
    ],
  });
  for (const name of ["", "A=B", "1A", "A B"]) await refused({ requiredEnv: [name] });
  for (const rule of [
    "",
    "http://a",
    "a/b",
    "10.0.0.0/33",
    "a:0",
    "a:70000",
    "*.*.a",
    "999.1.1.1",
    "[::1",
    "::1",
  ])
    await refused({ egress: { allow: [rule] } });
  for (const many of [
    { configFiles: [{ path: "a", template: "x".repeat(300_000) }] },
    { configFiles: Array.from({ length: 101 }, (_, n) => ({ path: `${n}`, template: "" })) },
    { requiredEnv: Array.from({ length: 1001 }, (_, n) => `A${n}`) },
    { egress: { deny: Array.from({ length: 1001 }, (_, n) => `h${n}`) } },
  ])
    await expect(store.registry.upload({ ...agent, auth: many })).rejects.toThrow(RangeError);
  expect(await store.snapshots()).toEqual([]);
});

test("a template with many places for a long secret is refused, not rendered", async () => {
  const { store, agent } = await registryFixture();
  const template = "{{secrets.A}}".repeat(10_000);
  await store.registry.upload({ ...agent, auth: { configFiles: [{ path: "a", template }] } });
  const launch = store.registry.launch({ name: "bot" }, { secrets: { A: "x".repeat(1_000_000) } });
  await expect(launch).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  expect(await store.workspaces()).toEqual([]);
});

test("a file of the agent's that stands where a configuration file goes is replaced, whoever shares it", async () => {
  const { store, scratch, agent } = await registryFixture(
    "mkdir config; echo old >config/a; ln config/a other; chmod 666 config/a",
  );
  const template = "{{secrets.A}}";
  const version = await store.registry.upload({
    ...agent,
    auth: { configFiles: [{ path: "config/a", template }] },
  });
  const dir = join(scratch, "run");
  const options = { dir, secrets: { A: "new" } };
  const { workspace } = await store.registry.launch(version, options);
  expect(readFileSync(join(dir, "config/a"), "utf8")).toBe("new");
  expect(lstatSync(join(dir, "config/a")).mode & 0o7777).toBe(0o600);
  expect(readFileSync(join(dir, "other"), "utf8")).toBe("old\n");
  const { snapshot } = await workspace.snapshot();
  expect(await snapshot.readdir("config")).toEqual([]);
  expect(await snapshot.readFile("other")).toEqual(Buffer.from("old\n"));
});
