import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { run } from "./run.js";

/**
 * Returns a new empty directory for the running test, without symbolic links in its path.
 *
 * It is removed when the test has passed; when it has failed it stays and its path is printed. A
 * test that may skip itself does so before it calls this: Vitest tells nobody that a skipped test
 * is over.
 *
 * @param parent an existing directory to make it in
 * @throws {Error} when no test is running.
 */
export function scratchDirectory(parent: string = tmpdir()): string {
  let directory = "";
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") {
      console.log(`Kept for "${task.name}": ${directory}`);
    } else {
      await removeTree(directory);
    }
  });
  directory = mkdtempSync(join(realpathSync(parent), "coppice-test-"));
  return directory;
}

/**
 * Removes a directory whatever is in it. `fs.rm` would stop at names that are not UTF-8, at paths
 * of more than 4,096 bytes and at directories that their owner may not read.
 */
export async function removeTree(directory: string): Promise<void> {
  const attempt = await run("rm", ["-rf", "--", directory], { allowFailure: true });
  if (attempt.exitCode !== 0) {
    await run("chmod", ["-R", "u+rwx", "--", directory], { allowFailure: true });
    await run("rm", ["-rf", "--", directory]);
  }
}
