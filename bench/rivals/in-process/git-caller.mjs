/** git: two branches of a bare repository, merged by `git merge-tree --write-tree`, a process each time. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bytesAt, fileAt, treeFiles } from "./tree-files.mjs";

const CHANGE_COUNT = 10;
const WHO = "bench <bench@localhost> 0 +0000";

/** @type {import("./caller.mjs").MakeCaller} */
export async function gitCaller({ directory, count }) {
  const repository = join(directory, "repository.git");
  if (!existsSync(repository)) {
    git(["init", "--quiet", "--bare", repository]);
    const options = ["-c", "core.compression=0", "-c", "core.looseCompression=0"];
    git(["-C", repository, ...options, "fast-import", "--quiet"], importStream(count));
  }
  return {
    // It keeps no files in memory, and is only asked to merge.
    files: /** @type {any} */ (undefined),
    prepareMerge: async () => async () =>
      git(["-C", repository, "merge-tree", "--write-tree", "ours", "theirs"]),
    close: () => undefined,
  };
}

/** @param {number} count */
function importStream(count) {
  const parts = [`commit refs/heads/base\nmark :1\ncommitter ${WHO}\n${data("base")}`];
  /** @type {(path: string, bytes: Buffer) => void} */
  const modify = (path, bytes) =>
    void parts.push(
      `M 100644 inline ${path.slice(1)}\ndata ${bytes.length}\n`,
      /** @type {any} */ (bytes),
      "\n",
    );
  for (const { files } of treeFiles(count))
    for (const { path, bytes } of files) modify(path, bytes);
  for (const [side, name] of ["ours", "theirs"].entries()) {
    parts.push(`commit refs/heads/${name}\ncommitter ${WHO}\n${data(name)}from :1\n`);
    for (let change = 0; change < CHANGE_COUNT; change += 1) {
      const index = (change * 2 + side) * 1_000;
      modify(fileAt(index), bytesAt(index + 1));
    }
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** @param {string} text */
function data(text) {
  return `data ${text.length}\n${text}\n`;
}

/**
 * @param {readonly string[]} argv
 * @param {Buffer} [input]
 */
function git(argv, input) {
  const env = { ...process.env, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const { status, stderr } = spawnSync("git", argv, { input, env, maxBuffer: 1e9 });
  if (status !== 0) throw new Error(`Cannot run git ${argv.join(" ")}: ${stderr}`);
}
