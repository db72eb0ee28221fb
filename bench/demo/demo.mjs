/**
 * The demo: captures a directory, changes a copy of it, captures that, compares and restores, forks it eight ways, and has
 * every result checked by diff and find. `npm run demo [-- DIRECTORY]`; the project's own node_modules
 * unless told.
 *
 * Takes about four times the directory's size in the system's temporary directory, and gives it back.
 * The exit code is 0 only if everything is as it was.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Store } from "coppice";
import { abortOnSignals, signalExitCode } from "#dist/cli/signals.js";
import { compareDirectories } from "./compare-directories.mjs";
import { editCopy } from "./edit-copy.mjs";
import { performForks } from "./fork-acts.mjs";
import { Stage } from "./stage.mjs";

const source = realpathSync(
  process.argv[2] ?? fileURLToPath(new URL("../../node_modules", import.meta.url)),
);
const scratch = mkdtempSync(join(realpathSync(tmpdir()), "coppice-demo-"));
const interruption = abortOnSignals(() => stage.say("stopping"));
const stage = new Stage(interruption.signal);
try {
  process.exitCode = (await demonstrate()) ? 0 : 1;
} catch (error) {
  process.exitCode = signalExitCode() ?? 1;
  console.error(`error: ${/** @type {Error} */ (error).message}`);
} finally {
  removeScratch();
}

/** @returns {Promise<boolean>} whether every comparison held */
async function demonstrate() {
  const store = await Store.open(join(scratch, "store"));
  try {
    stage.open(source, scratch);
    await perform(store, join(scratch, "copy"), join(scratch, "elsewhere"));
    stage.close(await store.stats());
    return stage.isAllEqual;
  } finally {
    await store.close();
  }
}

/**
 * @param {Store} store
 * @param {string} copy
 * @param {string} elsewhere
 */
async function perform(store, copy, elsewhere) {
  const first = await stage.capture("Capture the directory", store, source, { name: "first" });
  await stage.restore("Restore it as a copy", store, first, copy);
  stage.check(await compareDirectories(source, copy), "the directory and its copy");

  stage.edit("Change a few files of the copy", editCopy(copy));
  const second = await stage.capture("Capture the copy", store, copy, {
    name: "second",
    parent: first.id,
  });
  await stage.capture("Capture it once more, unchanged", store, copy, {
    name: "third",
    parent: second.id,
  });
  await stage.diff("Tell the two snapshots apart", store, first, second);

  await stage.restore("Restore the second one elsewhere", store, second, elsewhere);
  stage.check(await compareDirectories(copy, elsewhere), "the copy and the restored one");
  await stage.restore("Take the copy back to the first one", store, first, copy);
  stage.check(await compareDirectories(source, copy), "the directory and that copy");

  await performForks(stage, store, first, { source, scratch });
}

function removeScratch() {
  try {
    rmSync(scratch, { recursive: true, force: true });
  } catch {
    // The copy has the directory's modes, and what is not writable can only be emptied by root.
    execFileSync("chmod", ["-R", "u+rwX", resolve(scratch)]);
    rmSync(scratch, { recursive: true, force: true });
  }
}
