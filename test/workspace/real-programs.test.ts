/** Programs that people use do in a workspace what they do in a plain directory, and all of it is captured. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { openSqlite } from "#dist/database/sqlite.js";
import { compareTrees } from "../support/compare-trees.js";
import { startScript } from "../support/script.js";
import { capability } from "../tooling/capability.js";
import { inBoth } from "./both.js";
import { Ground, places } from "./ground.js";
import { makePackage, makeProgram, makeProject, modules } from "./projects.js";
import { expectCapturedAsCopied, inDirectory } from "./workspace-fixture.js";

const files =
  "for d in {1..8}; do mkdir -p d$d/e; for f in {1..15}; do echo $d $f >d$d/$f; echo $f >d$d/e/$f; done; done";

// The kernel makes something else than an ordinary directory of a workspace by overlayfs, over images most of all.
const place = capability("erofs").available ? places.overlayfs : places["overlayfs-checkout"];

describe(`in a workspace by ${place.driver}`, () => {
  const ground = new Ground(place);

  ground.test("git: status, commit, clone, rebase, gc", async () => {
    const both = await inBoth(
      ground,
      `${files}; git init -q -b main; ${identity}; git add -A; git commit -qm first`,
    );
    expect(await both.sh("git status --porcelain")).toBe("");
    await both.sh(`
        git checkout -qb topic; echo topic >>d1/1; git mv d2 moved; git commit -qam topic
        git checkout -q main; rm -r d3; echo main >>d4/4; git add -A; git commit -qm main
        git checkout -q topic; git rebase -q main`);
    const log = await both.sh("git log --format='%H %s' --name-status");
    expect(log.split("\n").filter((line) => line.endsWith(" topic"))).toHaveLength(1);
    await both.sh("git clone -q . cloned; git clone -q --bare --no-local . bare.git");
    await both.sh("git -c pack.threads=1 gc -q --prune=now; git fsck --full --strict");
    expect(await both.sh("git stash list; git diff; git status --porcelain")).toBe(
      "?? bare.git/\n?? cloned/\n",
    );
    // What git notes of the files' status, and of where it cloned from, is another one for each of them.
    await both.expectSame((line) => !/\/(index|config): |\/logs\//.test(line));
    // The branches and the index are there in another workspace as well.
    const child = await both.forked();
    const status = await child.exec("git", ["status", "--porcelain"], { env: both.env });
    expect(status.stdout).toBe("?? bare.git/\n?? cloned/\n");
    await child.exec("git", ["reset", "-q", "--hard", "HEAD~1"], { env: both.env });
    expect(inDirectory(child.path, "cat d4/4; ls")).toContain("d2");
  });

  ground.test("npm: install, remove, install what the lock says", async () => {
    const both = await inBoth(ground, (directory) => makePackage(directory));
    // One cache for each: what is in it decides what npm does.
    const npm = (args: string) =>
      both.sh(
        `npm ${args} --offline --no-audit --no-fund --no-update-notifier --ignore-scripts --loglevel=error --cache=../cache-$WHO >/dev/null`,
      );
    await npm("install");
    const load =
      'node -e \'console.log(Object.keys(require("commander")).length, require("ignore").name)\'';
    expect(await both.sh(load)).toMatch(/^[1-9]\d* \w+\n$/);
    await both.expectSame();
    await npm("uninstall picomatch");
    const child = await both.forked();
    const missing = await child.exec("node", ["-e", 'require("picomatch")']);
    expect(missing.stderr).toContain("Cannot find module 'picomatch'");
    await both.sh("rm -r node_modules/commander; echo broken >node_modules/ignore/index.js");
    await npm("ci");
    expect(await both.sh(load)).toMatch(/^[1-9]\d* \w+\n$/);
    await both.expectSame();
  });

  ground.test("sqlite: a database in WAL mode is captured while it is open", async () => {
    const { store, scratch, fork } = await ground.captured((directory) => {
      const database = openSqlite(join(directory, "data.sqlite"));
      database.pragma("journal_mode = WAL");
      database.exec("CREATE TABLE entry (id INTEGER PRIMARY KEY, text TEXT)");
      database.close();
    });
    const workspace = await fork();
    const file = join(workspace.path, "data.sqlite");
    const writer = startScript(new URL("children/write-database.mjs", import.meta.url), [file]);
    let rows = 0;
    for (const count of [1, 100, 3000]) {
      writer.write(`${count}`);
      rows += count;
      // Told after its commit; it waits for more meanwhile, with the log open.
      expect(await writer.line()).toBe(`${rows} rows`);
      await workspace.snapshot({ durability: "relaxed" });
      const dir = join(scratch, `with-${rows}`);
      const child = await workspace.fork({ dir, driver: place.driver });
      expect(contentOf(join(dir, "data.sqlite"))).toEqual(["ok", rows, "wal"]);
      await expectCapturedAsCopied(store, child);
    }
    await writer.kill();
    await expectCapturedAsCopied(store, workspace);
    expect(contentOf(file)).toEqual(["ok", rows, "wal"]);
    await workspace.rollback();
    expect(contentOf(file)).toEqual(["ok", rows, "wal"]);
  });

  ground.test("tar x, and tar c of what came of it", async () => {
    const both = await inBoth(
      ground,
      `${files}; ln d1/1 d2/linked; ln -s d1 link; touch -d @5.25 d1/1 d2`,
    );
    inDirectory(both.scratch, "tar --create --file files.tar --xattrs -C source .");
    await both.sh("mkdir again; cd again; tar --extract --file ../../files.tar --xattrs");
    await both.sh("rm -r d1 d2; echo x >d3/1; tar --extract --file ../files.tar");
    const source = join(both.scratch, "source");
    for (const directory of [join(both.workspace.path, "again"), join(both.plain, "again")])
      expect(await compareTrees(source, directory, { without: ["holes"] })).toEqual([]);
    await both.expectSame();
    // One file system from end to end, and names of one file are known by their number.
    const list =
      "tar --create --one-file-system --sort=name --exclude=./again . | tar --list | wc -l";
    expect(await both.sh(list)).toBe(`${8 * 32 + 3}\n`);
    expect(await both.sh("find . -xdev -links +1 ! -type d | sort")).toBe(
      ["again/d1/1", "again/d2/linked", "d1/1", "d2/linked"].map((path) => `./${path}\n`).join(""),
    );
  });

  ground.test(
    "rsync: a tree becomes another one, and then there is nothing left to do",
    async () => {
      const both = await inBoth(ground, files);
      const other = join(both.scratch, "other");
      mkdirSync(other);
      inDirectory(
        other,
        `${files}; rm -r d5; mv d6 d66; echo longer >d7/7; touch -d @7 d8/8; chmod 600 d1/9; ln -s d1 d5`,
      );
      const rsync = "rsync -aHX --delete --checksum --modify-window=-1";
      await both.sh(`${rsync} ../other/ .`);
      expect(await both.sh(`${rsync} --dry-run --itemize-changes ../other/ .`)).toBe("");
      expect(await compareTrees(other, both.workspace.path, { without: ["holes"] })).toEqual([]);
      await both.expectSame();
    },
  );

  ground.test("make and cc: what was built is not built again, what was touched is", async () => {
    const both = await inBoth(ground, (directory) => makeProgram(directory));
    expect(await both.sh("make; ./program")).toBe("cc main\ncc other\nld\n42\n");
    const child = await both.forked();
    // Times are those of the snapshot, so that the fork is as built as its parent was.
    expect((await child.exec("make")).stdout).toContain("'program' is up to date");
    await both.sh("sleep 0.05; sed -i s/42/43/ other.c");
    expect(await both.sh("make; ./program")).toBe("cc other\nld\n43\n");
    await both.expectSame();
  });

  ground.test("tsc: compiles a project, and what changed of it", async () => {
    const both = await inBoth(ground, (directory) => makeProject(directory));
    const tsc = `node ${join(modules, "typescript/bin/tsc")} --project .`;
    await both.sh(tsc);
    expect(await both.sh("node out/main.js")).toBe("in all 6\n");
    const child = await both.forked();
    appendFileSync(join(child.path, "sum.ts"), "export const broken: number = 'text';\n");
    const { exitCode, stdout } = await child.exec("sh", ["-c", tsc]);
    expect([exitCode, stdout]).toEqual([2, expect.stringContaining("sum.ts(2,14): error TS2322")]);
    await both.expectSame();
  });
});

const identity =
  "git config user.name Somebody; git config user.email somebody@example.com; git config gc.auto 0";
/** Returns what SQLite says of a database, how many rows it has and how it is written. */
function contentOf(file: string): unknown[] {
  const database = openSqlite(file);
  try {
    return [
      database.pragma("integrity_check", { simple: true }),
      database.prepare("SELECT count(*) FROM entry").pluck().get(),
      database.pragma("journal_mode", { simple: true }),
    ];
  } finally {
    database.close();
  }
}
