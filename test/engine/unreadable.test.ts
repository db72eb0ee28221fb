/** What cannot be read, or not kept: an error that names it, or left out and told. */
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { CaptureReport } from "#dist/model/capture-report.js";
import type { RestoreOptions } from "#dist/restore/restore.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { runChild } from "./child.js";
import { editedDirectory } from "./edited-directory.js";
import { lines, listTree } from "./listing.js";

/** An ordinary user, to whom modes mean something. */
const uid = 65_534;

interface Captured {
  readonly code?: string;
  readonly path?: string;
  readonly message?: string;
  readonly digest: string;
  readonly paths: readonly string[];
  readonly report: CaptureReport;
}

testIf(
  "root",
  "a file that may not be read ends the capture and is named, and nothing is registered",
  async () => {
    const { capture, edit } = await directoryOfNobody(
      "mkdir d; echo 1 >d/secret; echo 2 >f; chmod 0 d/secret",
    );
    const failed = await capture({});
    expect(failed).toMatchObject({ code: "UNREADABLE", path: "d/secret" });
    expect(failed.message).toMatch(/exclude it or .*skip/);
    const excluded = await capture({ exclude: ["secret"] });
    expect(excluded.paths).toEqual(["d", "f"]);
    await edit("chmod 400 d/secret");
    expect((await capture({})).paths).toEqual(["d", "d/secret", "f"]);
  },
);

testIf("root", "a directory that may not be read ends the capture as well", async () => {
  for (const mode of ["000", "100", "200", "400"]) {
    const { capture } = await directoryOfNobody(`mkdir -p d/e; echo 1 >d/f; chmod ${mode} d`);
    const failed = await capture({});
    // With mode 400 its names can be listed, but nothing can be learned about them.
    const path = mode === "400" ? expect.stringMatching(/^d\/[ef]$/) : "d";
    expect([mode, failed]).toEqual([mode, expect.objectContaining({ code: "UNREADABLE", path })]);
  }
});

testIf(
  "root",
  "everything that is skipped is listed, and captured once it may be read",
  async () => {
    const { capture, edit } = await directoryOfNobody(
      `mkdir -p closed open/below; echo 1 >closed/f; echo 2 >open/f; echo 3 >open/secret; ln open/secret link
     head -c 5000000 /dev/zero >large; chmod 0 closed open/secret large`,
    );
    const skipped = await capture({ onUnreadable: "skip" });
    expect(skipped.paths).toEqual(["open", "open/below", "open/f"]);
    const { count, paths } = skipped.report.unreadable;
    expect(paths.map(({ path }) => path).sort()).toEqual([
      "closed",
      "large",
      "link",
      "open/secret",
    ]);
    expect(count).toBe(4);
    for (const { reason } of paths) expect(reason).toMatch(/permission denied/i);
    // What was left out is tried again each time, though nothing has changed.
    const again = await capture({ onUnreadable: "skip" });
    expect([again.digest, again.report.unreadable.count]).toEqual([skipped.digest, 4]);
    await edit("chmod 700 closed; chmod 600 open/secret large");
    const all = await capture({});
    expect(all.paths).toEqual([
      "closed",
      "closed/f",
      "large",
      "link",
      "open",
      "open/below",
      "open/f",
      "open/secret",
    ]);
    expect(all.report.unreadable.count).toBe(0);
  },
);

testIf(
  "root",
  "an ordinary user restores what may be restored and is told what may not",
  async () => {
    const scratch = scratchDirectory();
    chmodSync(scratch, 0o755);
    const script = `mkdir source store restored; echo 1 >source/f; echo 2 >source/other; mknod source/null c 1 3
    chown -R ${uid}:${uid} source store restored; chown 12345 source/other; chmod 4755 source/f`;
    await run("bash", ["-euc", script], { cwd: scratch });
    const [store, source, restored] = ["store", "source", "restored"].map((name) =>
      join(scratch, name),
    );
    const child = await runChild("restore", [store!, source!, join(restored!, "here")], { uid });
    const { limits } = JSON.parse(child.stdout) as { limits: string[] };
    expect(limits).toEqual(
      expect.arrayContaining([expect.stringMatching(/owners/), expect.stringMatching(/devices/)]),
    );
    expect(lines(listTree(join(restored!, "here")), { without: ["mtimeNs"] })).toEqual([
      `. directory 755 ${uid}:${uid}`,
      expect.stringMatching(`^f file 4755 ${uid}:${uid} 2 bytes`),
      expect.stringMatching(`^other file 644 ${uid}:${uid} 2 bytes`),
    ]);
  },
);

testIf(
  "root",
  "an ordinary user restores in place what lies in directories that are closed, and files that cannot be read",
  async () => {
    for (const meddle of [
      "echo other >d/e/f; rm d/gone; echo new >d/new; chmod 555 d d/e",
      "rm -r d/e d/link; mkdir d/more; echo 1 >d/more/f; chmod 500 d/more; chmod 500 d",
      "echo other >f; echo more >more; chmod 0 f more d/e/f; chmod 600 d/e; chmod 0 d",
      "rm f; echo other >d/gone; chmod 0 d/e; chmod 444 d .",
      "chmod 200 f large; chmod 100 d/e",
    ]) {
      const { source, restore, before } = await sourceOfNobody(meddle);
      const report = await restore();
      expect([meddle, report]).toEqual([meddle, expect.objectContaining({ limits: [] })]);
      expect(lines(listTree(source))).toEqual(before);
    }
  },
);

testIf(
  "root",
  "a restore that fails gives the directories that it opened their modes back",
  async () => {
    const { source, restore } = await sourceOfNobody(
      "rm -r d/e; chmod 555 d; mkdir foreign; echo 1 >foreign/f",
      "chown 0:0 foreign foreign/f; chmod 755 foreign",
    );
    expect(await restore()).toMatchObject({
      code: "NOT_OWNER",
      path: "foreign",
      message: expect.stringContaining("belongs to user 0"),
    });
    expect(statSync(join(source, "d")).mode & 0o777).toBe(0o555);
  },
);

testIf("root", "a restore of some paths leaves the others as closed as they were", async () => {
  const { source, restore } = await sourceOfNobody("rm d/e/f; chmod 500 d/e; chmod 0 d");
  await restore({ paths: ["d/e/f"] });
  expect(statSync(join(source, "d")).mode & 0o777).toBe(0);
  expect(statSync(join(source, "d/e")).mode & 0o777).toBe(0o500);
  expect(readFileSync(join(source, "d/e/f"), "utf8")).toBe("2\n");
});

test("sockets are skipped and listed, and a restore in place leaves them alone", async () => {
  const { store, directory, edit } = await editedDirectory("mkdir d; echo 1 >d/f");
  const server = createServer().listen(join(directory, "d", "socket"));
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { snapshot, report } = await store.snapshot(directory);
  expect(report.skipped).toEqual({ count: 1, paths: [{ path: "d/socket", reason: "socket" }] });
  expect((await snapshot.readdir("d")).map(({ name }) => name)).toEqual(["f"]);
  await edit("echo 2 >d/g");
  await store.restore(snapshot, directory);
  expect(readdirSync(join(directory, "d")).sort()).toEqual(["f", "socket"]);
});

test("a directory that should be gone stays with what no snapshot has in it, and is told", async () => {
  const { store, directory, edit, snapshot } = await editedDirectory("echo 1 >f");
  const taken = await snapshot({ exclude: ["*.log"] });
  await edit("mkdir -p d/e d/g; echo 2 >d/e/a.log; echo 3 >d/e/f; echo 4 >d/g/f");
  const { kept } = await store.restore(taken, directory);
  expect(kept).toEqual([{ path: "d" }]);
  expect(readdirSync(directory, { recursive: true }).sort()).toEqual([
    "d",
    "d/e",
    "d/e/a.log",
    "f",
  ]);
});

test("a list in a report ends at a thousand paths, its count does not", async () => {
  const { store, directory } = await editedDirectory("for n in {1..1200}; do echo $n >$n; done");
  const { report } = await store.snapshot(directory, { exclude: ["*"] });
  expect([report.excluded.count, report.excluded.paths.length]).toEqual([1200, 1000]);
});

async function directoryOfNobody(script: string) {
  const scratch = scratchDirectory();
  chmodSync(scratch, 0o777);
  const directory = join(scratch, "directory");
  const asNobody = (lines: string) =>
    run("setpriv", [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "bash", "-euc", lines], {
      cwd: scratch,
    });
  await asNobody(`mkdir directory; cd directory; ${script}`);
  return {
    edit: (lines: string) => asNobody(`cd directory; ${lines}`),
    async capture(options: object): Promise<Captured> {
      const child = await runChild(
        "capture",
        [join(scratch, "store"), directory, JSON.stringify(options)],
        { uid },
      );
      return JSON.parse(child.stdout) as Captured;
    },
  };
}

/** A captured directory of an ordinary user's that was changed after it was captured. */
async function sourceOfNobody(meddle: string, asRoot = "true") {
  const scratch = scratchDirectory();
  chmodSync(scratch, 0o755);
  const [store, source] = [join(scratch, "store"), join(scratch, "source")];
  const script = `mkdir -p store source/d/e; cd source; echo 1 >f; echo 2 >d/e/f; echo 3 >d/gone; ln -s f d/link
    head -c 5000000 /dev/zero >large; ln f d/name; chown -hR ${uid}:${uid} ../store .`;
  await run("bash", ["-euc", script], { cwd: scratch });
  const before = lines(listTree(source));
  const { stdout } = await runChild("capture", [store, source, "{}"], { uid });
  const { id } = JSON.parse(stdout) as { id: string };
  await run(
    "setpriv",
    [...[`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"], ...["bash", "-euc", meddle]],
    { cwd: source },
  );
  await run("bash", ["-euc", asRoot], { cwd: source });
  const restore = async (options: RestoreOptions = {}) => {
    const child = await runChild("restore-in-place", [store, id, source, JSON.stringify(options)], {
      uid,
    });
    return JSON.parse(child.stdout) as Record<string, unknown>;
  };
  return { source, before, restore };
}
