/** isomorphic-git on an overlay, judged by git itself on what it leaves on a disk; and the calls that call back. */
import * as fs from "node:fs";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import git from "isomorphic-git";
import http from "isomorphic-git/http/node";
import { expect, test } from "vitest";
import { nodeFs } from "#dist/adapters/node-fs.js";
import { run } from "../support/run.js";
import { serveGit } from "./git-server.js";
import { openOverlay } from "./open-overlay.js";

const author = {
  name: "Ada",
  email: "ada@example.org",
  timestamp: 1_000_000_000,
  timezoneOffset: 0,
};
const environment = {
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Grace",
  GIT_AUTHOR_EMAIL: "grace@example.org",
  GIT_COMMITTER_NAME: "Grace",
  GIT_COMMITTER_EMAIL: "grace@example.org",
};

async function gitSays(directory: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", args, { cwd: directory, env: environment });
  return stdout;
}

/** Every row of a status matrix of what is as it was committed. */
const clean = (names: readonly string[]) => names.map((name) => [name, 1, 1, 1]);

test("a repository that isomorphic-git makes on an overlay is one to git", async () => {
  const { overlay, toDisk } = await openOverlay();
  const at = { fs: nodeFs(overlay), dir: "/project" };
  await overlay.mkdir("/project/src", { recursive: true });
  await git.init({ ...at, defaultBranch: "main" });
  await overlay.writeFile("/project/src/a.ts", "export {};\n");
  await overlay.writeFile("/project/run", "#!/bin/sh\n", { mode: 0o755 });
  await overlay.symlink("src/a.ts", "/project/link");
  await git.add({ ...at, filepath: ["src/a.ts", "run", "link"] });
  const first = await git.commit({ ...at, message: "first", author });
  expect(await git.statusMatrix(at)).toEqual(clean(["link", "run", "src/a.ts"]));

  await git.branch({ ...at, ref: "side", checkout: true });
  await overlay.writeFile("/project/src/a.ts", "export const a = 1;\n");
  await overlay.unlink("/project/run");
  await overlay.writeFile("/project/new", "new\n");
  expect(await git.statusMatrix(at)).toEqual([
    ["link", 1, 1, 1],
    ["new", 0, 2, 0],
    ["run", 1, 0, 1],
    ["src/a.ts", 1, 2, 1],
  ]);
  await git.add({ ...at, filepath: ["src/a.ts", "new"] });
  await git.remove({ ...at, filepath: "run" });
  const second = await git.commit({ ...at, message: "second", author });
  expect((await git.log(at)).map(({ oid }) => oid)).toEqual([second, first]);

  const side = await toDisk("side");
  expect(await gitSays(join(side, "project"), "log", "--format=%H %s %an")).toBe(
    `${second} second Ada\n${first} first Ada\n`,
  );
  expect(await gitSays(join(side, "project"), "status", "--porcelain")).toBe("");
  expect(await gitSays(join(side, "project"), "fsck", "--strict")).toBe("");

  await git.checkout({ ...at, ref: "main" });
  expect(await overlay.readFile("/project/src/a.ts", "utf8")).toBe("export {};\n");
  expect(await overlay.readlink("/project/link")).toBe("src/a.ts");
  expect((await overlay.stat("/project/run")).mode & 0o777).toBe(0o755);
  expect(await overlay.exists("/project/new")).toBe(false);
  const main = await toDisk("main");
  expect(await gitSays(join(main, "project"), "status", "--porcelain", "--branch")).toBe(
    "## main\n",
  );
});

test("what isomorphic-git clones onto an overlay, commits to and pushes from it, git finds whole", async () => {
  const { scratch, overlay, toDisk } = await openOverlay();
  const work = join(scratch, "work");
  mkdirSync(work);
  await run(
    "bash",
    [
      "-euc",
      `git init -q -b main
       mkdir -p d/e; seq 20000 >d/e/numbers; ln -s d/e link; printf '#!/bin/sh\n' >run; chmod +x run
       head -c 300000 /dev/urandom >bytes; git add .; git commit -qm one
       for i in $(seq 40); do echo $i >>d/log; git add .; git commit -qm "log $i"; done
       git tag v1; git branch other; git clone -q --bare . ../bare.git`,
    ],
    { cwd: work, env: environment },
  );
  const url = `${await serveGit(scratch)}bare.git`;
  const at = { fs: nodeFs(overlay), dir: "/", http };
  await git.clone({ ...at, url });
  expect((await git.log(at)).length).toBe(41);
  expect(await git.statusMatrix(at)).toEqual(
    clean(["bytes", "d/e/numbers", "d/log", "link", "run"]),
  );
  const cloned = await toDisk("cloned");
  expect(await gitSays(cloned, "status", "--porcelain", "--branch")).toBe(
    "## main...origin/main\n",
  );
  expect(await gitSays(cloned, "fsck", "--strict")).toBe("");
  const listTree = (directory: string) => gitSays(directory, "ls-tree", "-r", "HEAD");
  expect(await listTree(cloned)).toBe(await listTree(work));
  await run("diff", ["-r", "--no-dereference", "--exclude=.git", cloned, work]);

  await overlay.appendFile("/d/log", "more\n");
  await git.add({ ...at, filepath: "d/log" });
  const oid = await git.commit({ ...at, message: "more", author });
  await git.push({ ...at, remote: "origin", ref: "main" });
  expect((await gitSays(join(scratch, "bare.git"), "rev-parse", "main")).trim()).toBe(oid);
  await git.checkout({ ...at, ref: "v1" });
  expect(await overlay.readFile("/d/log")).toEqual(fs.readFileSync(join(work, "d/log")));
  const detached = await toDisk("detached");
  expect(await gitSays(detached, "log", "-1", "--format=%s")).toBe("log 40\n");
  expect(await gitSays(detached, "status", "--porcelain")).toBe("");
  expect(await gitSays(detached, "fsck", "--strict")).toBe("");
});

test("a fork of an overlay is a repository of its own", async () => {
  const { overlay } = await openOverlay();
  const here = { fs: nodeFs(overlay), dir: "/" };
  await git.init(here);
  await overlay.writeFile("/a", "a");
  await git.add({ ...here, filepath: "a" });
  const first = await git.commit({ ...here, message: "first", author });
  const fork = overlay.fork();
  const there = { fs: nodeFs(fork), dir: "/" };
  await fork.writeFile("/a", "b");
  await git.add({ ...there, filepath: "a" });
  const second = await git.commit({ ...there, message: "second", author });
  expect((await git.log(here)).map(({ oid }) => oid)).toEqual([first]);
  expect((await git.log(there)).map(({ oid }) => oid)).toEqual([second, first]);
  expect(await git.statusMatrix(here)).toEqual(clean(["a"]));
});

/** Returns what a callback is told. */
function told(call: (callback: (...told: unknown[]) => void) => void): Promise<unknown[]> {
  return new Promise((resolve) => call((...all) => resolve(all)));
}

test("calls that call back tell what the synchronous ones return or throw", async () => {
  const { overlay } = await openOverlay();
  const { mkdir, writeFile, readFile, stat, open, write, readv, read, close, exists } =
    nodeFs(overlay);
  expect(await told((back) => mkdir("/d/e", { recursive: true }, back))).toEqual([null, "/d"]);
  expect(await told((back) => writeFile("/d/f", "text", back))).toEqual([null, undefined]);
  expect(await told((back) => readFile("/d/f", "utf8", back))).toEqual([null, "text"]);
  expect(await told((back) => stat("/none", back))).toMatchObject([{ code: "ENOENT" }]);
  expect(await told((back) => exists("/d/f", back))).toEqual([true]);
  expect(await told((back) => exists("/none", back))).toEqual([false]);

  const [, fd] = (await told((back) => open("/d/f", "r+", back))) as [null, number];
  expect(await told((back) => write(fd, "TE", 0, back))).toEqual([null, 2, "TE"]);
  const bytes = Buffer.alloc(4);
  expect(await told((back) => read(fd, bytes, 0, 4, 0, back))).toEqual([null, 4, bytes]);
  expect(bytes.toString()).toBe("TExt");
  const buffers = [Buffer.alloc(1), Buffer.alloc(9)];
  expect(await told((back) => readv(fd, buffers, 0, back))).toEqual([null, 4, buffers]);
  expect(await told((back) => close(fd, back))).toEqual([null, undefined]);
});

test("a call calls back after whoever made it has returned, and throws where it has nobody to call", async () => {
  const { overlay } = await openOverlay();
  const { stat } = nodeFs(overlay);
  const order: string[] = [];
  const calledBack = Promise.all(
    ["/", "/none"].map((path) =>
      told((back) => stat(path, (...all) => back(...all, order.push(path)))),
    ),
  );
  order.push("returned");
  await calledBack;
  expect(order).toEqual(["returned", "/", "/none"]);
  expect(() => Reflect.apply(stat, undefined, ["/"])).toThrow(TypeError);
});

test("calls and streams can be taken off, and have the names that node:fs has", async () => {
  const { overlay } = await openOverlay();
  const adapted = nodeFs(overlay);
  const { writeFileSync, createReadStream, promises, constants } = adapted;
  writeFileSync("/a", "stream");
  expect((await buffer(createReadStream("/a"))).toString()).toBe("stream");
  const { readFile } = promises;
  expect(await readFile("/a", "utf8")).toBe("stream");
  expect(promises.constants).toBe(constants);
  expect(constants).toBe(fs.constants);
  const unknown = Object.keys(adapted).filter((name) => !(name in fs));
  expect(unknown).toEqual([]);
});
