import { accessSync, constants, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { removeTree, scratchDirectory } from "../support/scratch.js";

/**
 * Returns a new empty directory for the running test, in memory where the machine has a file system there:
 * a store that is opened a hundred times spends most of its time in syncs. Otherwise as `scratchDirectory`.
 */
export function memoryScratchDirectory(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
  } catch {
    return scratchDirectory();
  }
  let directory = "";
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") console.log(`Kept for "${task.name}": ${directory}`);
    else await removeTree(directory);
  });
  directory = mkdtempSync(join("/dev/shm", "coppice-test-"));
  return directory;
}
