/** Commands in a sandbox: what they are given, what of them is told, and that nothing of them is left. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Sandbox } from "#dist/index.js";
import { testIf } from "../tooling/test-if.js";
import { emptyStore, processesOf, textOf, writtenBy } from "./sandbox-fixture.js";

const SECRET = "correct-horse-battery-staple";

test("a command tells its exit code, its signal and what it wrote", async () => {
  const { create } = await emptyStore();
  const sandbox = await create();
  await sandbox.files.mkdir("/src");
  expect(
    await sandbox.exec.command("cat; pwd; echo no >&2; exit 3", { cwd: "/src", input: "in " }),
  ).toMatchObject({
    exitCode: 3,
    signal: null,
    stdout: `in ${join(sandbox.path, "src")}\n`,
    stderr: "no\n",
  });
  expect(await sandbox.exec.command("kill -TERM $$")).toMatchObject({
    exitCode: null,
    signal: "SIGTERM",
  });
  // No shell reads what a program is given.
  expect((await sandbox.process.exec("printf", ["%s|", "$HOME", "a b", "*", ""])).stdout).toBe(
    "$HOME|a b|*||",
  );
  const pieces: string[] = [];
  const streamed = await sandbox.exec.command("echo one; echo two >&2", {
    onOutput: (stream, bytes) => pieces.push(`${stream} ${bytes}`),
  });
  expect(streamed.stdout + streamed.stderr).toBe("");
  expect(pieces.sort()).toEqual(["stderr two\n", "stdout one\n"]);
  await expect(sandbox.process.exec("no-such-program")).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await expect(sandbox.exec.command("true", { cwd: "none" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await expect(sandbox.exec.command("true", { timeout: -1 })).rejects.toBeInstanceOf(RangeError);
  await expect(sandbox.exec.command("true", { env: { "a-b": "" } })).rejects.toBeInstanceOf(
    TypeError,
  );
});

test("of this process's environment a command gets what it needs, and no more", async () => {
  const { create } = await emptyStore();
  const sandbox = await create({ config: { environment: { OWN: "config", GIVEN: "config" } } });
  process.env.COPPICE_TEST_CREDENTIAL = SECRET;
  const { stdout } = await sandbox.process.exec("env", [], {
    env: { GIVEN: "call", LANG: undefined },
  });
  delete process.env.COPPICE_TEST_CREDENTIAL;
  const variables = Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split("=", 2)),
  );
  expect(variables).toMatchObject({
    PATH: process.env.PATH,
    OWN: "config",
    GIVEN: "call",
    COPPICE_SANDBOX: sandbox.id,
  });
  const known = [
    "PATH",
    "HOME",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "TZ",
    "USER",
    "LOGNAME",
    "SHELL",
  ];
  // The shell that waits in the program's place tells it where it is.
  const others = ["OWN", "GIVEN", "COPPICE_SANDBOX", "COPPICE_COMMAND", "PWD", "OLDPWD", "_"];
  expect(Object.keys(variables).filter((name) => ![...known, ...others].includes(name))).toEqual(
    [],
  );
});

test("what takes too long or is aborted ends with all that it started", async () => {
  const { create } = await emptyStore();
  const sandbox = await create();
  const long = "(setsid sleep 1000 & sleep 1000) & sleep 1000";
  await expect(sandbox.exec.command(long, { timeout: 100 })).rejects.toMatchObject({
    code: "TIMEOUT",
  });
  const controller = new AbortController();
  const aborted = sandbox.exec.command(`echo begun; ${long}`, {
    signal: controller.signal,
    onOutput: () => controller.abort(),
  });
  await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
  await expect(sandbox.exec.command("true", { signal: controller.signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
  expect(processesOf(sandbox.id)).toEqual([]);
});

test("a background command goes on while others run, until it is ended", async () => {
  const { create } = await emptyStore();
  const sandbox = await create();
  const server = await sandbox.exec.command(
    "trap 'echo ended; exit 7' TERM; echo on >on; while :; do sleep 0.01; done",
    {
      background: true,
    },
  );
  await writtenBy(sandbox, "on");
  expect((await sandbox.exec.command(`kill -0 ${server.pid} && echo alive`)).stdout).toBe(
    "alive\n",
  );
  await server.kill();
  expect(await server.wait()).toMatchObject({ exitCode: 7, stdout: "ended\n" });
});

test("secrets are given to commands, and are nowhere in the store", async () => {
  const { storeDirectory, store, create } = await emptyStore();
  const config = { secrets: { TOKEN: "vault:token", KEY: "vault:key" } };
  const asked: string[] = [];
  const resolveSecret = (reference: string) => {
    asked.push(reference);
    return reference === "vault:token" ? SECRET : undefined;
  };
  const sandbox = await create({ config, resolveSecret });
  await expect(sandbox.exec.command("echo >ran")).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("KEY (vault:key)"),
  });
  await expect(
    (await Sandbox.get(store, sandbox.id)).exec.command("echo >ran"),
  ).rejects.toMatchObject({
    message: expect.stringMatching(/TOKEN \(vault:token\).*KEY \(vault:key\)/),
  });
  expect(await sandbox.files.exists("ran")).toBe(false);
  const whole = await Sandbox.get(store, sandbox.id, { resolveSecret: () => SECRET });
  expect((await whole.exec.command("printf %s $TOKEN | wc -c")).stdout.trim()).toBe(
    String(SECRET.length),
  );
  await whole.exec.command(`echo ${SECRET} | wc -c; exit 1`, { env: { OTHER: SECRET } });
  await whole.process.exec("echo", [SECRET, `--token=${SECRET}`]);
  const { id } = await whole.snapshot({ name: "with-secrets" });
  const again = await Sandbox.fromSnapshot(store, id, {
    resolveSecret: () => SECRET,
  });
  expect(again.config).toEqual(config);
  expect((await again.exec.command("printf %s $KEY")).stdout).toBe(SECRET);
  await store.close();
  const files = readdirSync(storeDirectory, { recursive: true, withFileTypes: true }).filter(
    (each) => each.isFile(),
  );
  expect(files.length).toBeGreaterThan(3);
  const withSecret = files.filter((each) =>
    readFileSync(join(each.parentPath, each.name)).includes(SECRET),
  );
  expect(withSecret.map(({ name }) => name)).toEqual([]);
});

testIf(
  "bubblewrap",
  "an isolated command has namespaces of its own and the sandbox's files",
  async () => {
    const { scratch, store, create } = await emptyStore();
    const sandbox = await create({ name: "kept in", isolation: "bubblewrap" });
    await sandbox.files.write("file", "content\n");
    await sandbox.files.mkdir("src");
    const show =
      "pwd; cat ../file; echo $HOME; hostname; ls /; cat /proc/1/comm; cat /proc/net/dev | wc -l";
    const { stdout } = await sandbox.exec.command(show, { cwd: "src" });
    const [directory, content, home, name, ...rest] = stdout.trim().split("\n");
    expect([directory, content, home, name]).toEqual([
      "/workspace/src",
      "content",
      "/workspace",
      "kept-in",
    ]);
    // Neither the machine's files nor its processes nor its network.
    expect(rest).not.toContain("root");
    expect(rest.at(-2)).toMatch(/bwrap|sh/);
    expect(rest.at(-1)?.trim()).toBe("3");
    const outside = await sandbox.exec.command(
      `ls ${scratch}; echo x >/usr/x; touch /etc/x; kill -9 ${process.pid}`,
    );
    expect(outside.exitCode).not.toBe(0);
    expect(await sandbox.files.exists("/usr/x")).toBe(false);
    await sandbox.exec.command("echo written >/workspace/out");
    expect(await textOf(sandbox, "out")).toBe("written\n");
    await expect(
      sandbox.exec.command("sleep 1000 & sleep 1000", { timeout: 200 }),
    ).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(processesOf(sandbox.id)).toEqual([]);
    const { id } = await sandbox.snapshot();
    const again = await Sandbox.fromSnapshot(store, id);
    expect((await again.exec.command("pwd")).stdout).toBe("/workspace\n");
  },
);

testIf("bubblewrap", "a sandbox's files can be the root of its commands", async () => {
  const { create } = await emptyStore();
  const isolation = {
    kind: "bubblewrap",
    root: true,
    readOnly: ["/usr", "/lib", "/lib64", "/bin"],
    network: true,
  } as const;
  const sandbox = await create({ isolation });
  await sandbox.files.write("file", "content\n");
  expect(
    (await sandbox.exec.command("pwd; cat /file; test -e /etc/passwd || echo none")).stdout,
  ).toBe("/\ncontent\nnone\n");
});

test("where bubblewrap is missing nothing runs without it", async () => {
  const { store, create } = await emptyStore();
  const path = process.env.PATH;
  process.env.PATH = "/nowhere";
  try {
    await expect(create({ isolation: "bubblewrap" })).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining("install bubblewrap"),
    });
  } finally {
    process.env.PATH = path;
  }
  expect((await Sandbox.list(store)).items).toEqual([]);
});
