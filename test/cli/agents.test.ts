/** Agents on the command line. */
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { unmountBelow } from "../support/mount-points.js";
import { scratchDirectory } from "../support/scratch.js";
import { inDirectory } from "../workspace/workspace-fixture.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";

/** A store, a directory and an archive of it. */
async function prepared() {
  const scratch = scratchDirectory();
  onTestFinished(() => unmountBelow(scratch));
  inDirectory(scratch, "mkdir bot; echo 'console.log(1)' >bot/main.js; tar czf bot.tgz -C bot .");
  const store = join(scratch, "store");
  await coppice(["init", store]);
  const at = (name: string) => join(scratch, name);
  const upload = (...more: string[]) =>
    coppice([
      "upload",
      "bot",
      at("bot.tgz"),
      "--entrypoint",
      "node main.js",
      "--store",
      store,
      ...more,
    ]);
  return { scratch, store, at, upload };
}

/** What a command prints as JSON; of these commands the members are told by the tests. */
async function json(args: readonly string[]): Promise<Record<string, unknown>> {
  return (await coppiceJson(args)) as unknown as Record<string, unknown>;
}

test("versions are uploaded, listed, tagged, downloaded and deleted", async () => {
  const { store, at, upload } = await prepared();
  const first = await upload("--tag", "stable", "--runtime", "node", "--label", "team=a");
  expect(first.stdout).toBe("✔ bot@1  latest, stable\n");
  expect((await upload("--quiet")).stdout).toBe("bot@2\n");
  const directory = ["upload", "bot", at("bot"), "-e", "node main.js", "--store", store];
  expect(await json(directory)).toMatchObject({
    agent: { name: "bot", version: 3, sizeBytes: null, runtime: null, tags: ["latest"] },
    removed: [],
  });
  expect((await coppice(["versions", "bot", "--store", store])).stdout).toMatch(
    /^AGENT.*\nbot@3 .*\nbot@2 .*\nbot@1 +stable .* node +sha256:[0-9a-f]{12}\n$/,
  );
  const names = await coppice(["versions", "bot", "-q", "-m", "2", "--store", store]);
  expect(names.stdout).toBe("bot@3\nbot@2\n");
  expect(await json(["agents", "--store", store])).toMatchObject({ agents: [{ version: 3 }] });
  expect((await coppice(["agents", "-q", "--store", store])).stdout).toBe("bot\n");
  const tagged = await coppice(["tag", "bot@2", "stable", "--store", store]);
  expect(tagged.stdout).toBe("Tagged bot@2  stable\n");
  const downloaded = ["download", "bot:stable", at("out.tgz"), "--store", store];
  expect(await json(downloaded)).toMatchObject({ agent: { version: 2 } });
  expect(readFileSync(at("out.tgz")).equals(readFileSync(at("bot.tgz")))).toBe(true);
  expect((await coppiceError(downloaded)).error.code).toBe("IO");
  expect(readFileSync(at("out.tgz")).equals(readFileSync(at("bot.tgz")))).toBe(true);
  const none = await coppiceError(["download", "bot", at("none"), "--store", store]);
  expect(none.error.code).toBe("NOT_FOUND");
  expect(existsSync(at("none"))).toBe(false);
  expect(await json(["untag", "bot", "stable", "--store", store])).toEqual({ untagged: true });
  expect((await coppice(["untag", "bot", "stable", "--store", store])).stdout).toBe(
    "No version of bot has stable\n",
  );
  const deleted = await coppice(["delete", "bot@3", "bot@1", "--store", store]);
  expect(deleted.stdout).toBe("Deleted bot@3  latest\nDeleted bot@1\n");
  const gone = await coppiceError(["delete", "bot@3", "--store", store]);
  expect([gone.exitCode, gone.error.code]).toEqual([1, "NOT_FOUND"]);
  expect((await coppiceError(["tag", "@3", "x", "--store", store])).exitCode).toBe(2);
});

test("an agent is launched with variables and secrets of the environment and of files", async () => {
  const { store, at, upload } = await prepared();
  writeFileSync(at("template"), "{{secrets.KEY}} {{secrets.OTHER}}");
  writeFileSync(at("other"), "of a file\n");
  await upload(
    ...["--require-env", "REGION,MODE", "--config-file", `config/keys=${at("template")}`],
    ...["--allow", "api.example.com:443", "--allow", "*.example.org", "--deny", "10.0.0.0/8"],
  );
  const dir = at("run");
  const missing = await coppiceError(["launch", "bot", dir, "--env", "MODE=x", "--store", store]);
  expect(missing.error.code).toBe("MISSING_ENV");
  for (const word of ["REGION", "{{secrets.KEY}} of config/keys", "{{secrets.OTHER}}"])
    expect(missing.error.message).toContain(word);
  expect(existsSync(dir)).toBe(false);
  const { stdout } = await coppice(
    ["launch", "bot@latest", dir, "--env", "MODE=x", "--env", "REGION", "--secret", "KEY"].concat([
      "--secret-file",
      `OTHER=${at("other")}`,
      "--allow",
      "*:443",
      "--store",
      store,
    ]),
    { env: { REGION: "eu", KEY: "of the environment" } },
  );
  expect(stdout).toContain(`bot@1; to run it:\n  cd ${dir} && sh -c 'node main.js'\n`);
  expect(stdout).toContain("with the variables MODE, REGION\n");
  expect(stdout).toContain(
    "it may reach api.example.com:443, *.example.org:443, but not 10.0.0.0/8\n",
  );
  expect(stdout).not.toContain("of the environment");
  expect(readFileSync(join(dir, "config/keys"), "utf8")).toBe("of the environment of a file");
  expect(lstatSync(join(dir, "config/keys")).mode & 0o7777).toBe(0o600);
  const unset = await coppiceError(["launch", "bot", "--secret", "NOT_SET", "--store", store]);
  expect(unset.exitCode).toBe(2);
  await coppice(["discard", dir, "--store", store]);
});

test("limits are set, shown and ended, and an upload tells what went for them", async () => {
  const { store, upload } = await prepared();
  expect((await coppice(["limits", "--store", store])).stdout).toBe("There are no limits\n");
  const set = ["limits", "--max-versions", "1", "--max-size", "1MB", "--keep-within", "90d"];
  expect((await coppice([...set, "--store", store])).stdout).toBe(
    "--max-size 1.00MB\n--max-versions 1\n--keep-within 90d\n",
  );
  await upload();
  expect((await upload()).stdout).toBe("✔ bot@2  latest\nDeleted, by the limits, bot@1\n");
  expect((await coppiceError([...set, "--none", "--store", store])).exitCode).toBe(2);
  expect(await json(["limits", "--none", "--store", store])).toEqual({ limits: {} });
});
