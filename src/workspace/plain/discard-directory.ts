/**
 * Discard directory: takes a workspace's directory away.
 */
import { existsSync, renameSync } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { WorkspaceRow } from "../../catalog/workspace-table.js";
import type { Engine } from "../../snapshot/engine.js";
import { trashPath } from "../trash.js";

/**
 * Takes a workspace's directory away: by a rename into the trash where it is on the store's file system; else by deleting
 * what is in it.
 *
 * @throws {NodeJS.ErrnoException}
 */
export async function discardDirectory(
  engine: Engine,
  { id, path }: Pick<WorkspaceRow, "id" | "path">,
): Promise<void> {
  if (!existsSync(path)) return;
  try {
    renameSync(path, trashPath(engine, id));
  } catch (error) {
    if (!CANNOT_RENAME.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await removeTree(path);
  }
}

/** It is on another file system, or there is no room for the trash itself. */
const CANNOT_RENAME = new Set(["EXDEV", "ENOSPC", "EDQUOT"]);

/** Removes a directory, also where its owner may not write to all that is in it. */
async function removeTree(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    await openDirectories(directory);
    await rm(directory, { recursive: true, force: true });
  }
}

async function openDirectories(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const each of await readdir(directory, { withFileTypes: true })) {
    if (each.isDirectory()) await openDirectories(join(directory, each.name));
  }
}
