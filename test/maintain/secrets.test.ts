/** What `exclude: "secrets"` leaves out. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store, secretPatterns } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

const SECRET = [
  ".env",
  "app/.env.production",
  "app/prod.env",
  ".ssh/id_rsa",
  ".ssh/id_ed25519",
  "tls/server.key",
  "tls/localhost-key.pem",
  "tls/privkey1.pem",
  "store.p12",
  ".aws/credentials",
  ".npmrc",
  "home/.netrc",
  ".docker/config.json",
  "home/deep/.docker/config.json",
  ".kube/config",
  ".git-credentials",
  ".pypirc",
  "home/.config/gcloud",
  ".config/gh/hosts.yml",
  "infra/terraform.tfstate",
];
const PUBLIC = [
  ".env.example",
  "app/.env.sample",
  ".ssh/id_rsa.pub",
  ".ssh/known_hosts",
  "tls/cacert.pem",
  "tls/fullchain.pem",
  ".aws/config",
  "config.json",
  "src/keyboard.ts",
  "src/env.ts",
  "secrets",
];

async function captured(exclude: "secrets" | readonly string[]) {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  for (const path of [...SECRET, ...PUBLIC]) {
    const isDirectory = path.endsWith("gcloud");
    const file = join(source, path, isDirectory ? "credentials.db" : "");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, path);
  }
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  const { snapshot, report } = await store.snapshot(source, { exclude });
  const files: string[] = [];
  for await (const { path, kind } of snapshot.walk()) if (kind === "file") files.push(path);
  return { store, source, snapshot, report, files };
}

test("files with credentials are left out, told with what they are, and nothing else is", async () => {
  const { report, files } = await captured("secrets");
  expect(files.sort()).toEqual(PUBLIC.toSorted());
  expect(report.excluded.paths.map(({ path }) => path).sort()).toEqual(SECRET.toSorted());
  for (const { reason } of report.excluded.paths) expect(reason).toMatch(/\w/);
});

test("in a list the patterns stand beside others, which may take some back", async () => {
  const { report, files } = await captured([...secretPatterns, "*.ts", "!.npmrc"]);
  expect(files).toContain(".npmrc");
  expect(files).not.toContain("src/env.ts");
  const reasons = new Map(report.excluded.paths.map(({ path, reason }) => [path, reason]));
  expect(reasons.get("src/env.ts")).toBe(undefined);
  expect(reasons.get(".pypirc")).toContain("PyPI");
});

test("a list with the word itself leaves out that name alone", async () => {
  const { files } = await captured(["secrets"]);
  expect(files.sort()).toEqual(
    [
      ...SECRET.filter((path) => !path.endsWith("gcloud")),
      "home/.config/gcloud/credentials.db",
      ...PUBLIC.filter((path) => path !== "secrets"),
    ].sort(),
  );
});

test("restoring such a snapshot leaves the credentials that stand there alone", async () => {
  const { store, source, snapshot } = await captured("secrets");
  writeFileSync(join(source, "src/env.ts"), "changed");
  const { actions } = await store.restore(snapshot, source);
  expect(actions).toMatchObject({ replace: 1, remove: 0 });
});

test("another word is refused", async () => {
  await expect(captured("secret" as "secrets")).rejects.toThrow(TypeError);
});
