/**
 * Trash: what workspaces leave is put aside at once, with a rename, and deleted afterwards: to delete ten
 * thousand files takes longer than anything else a workspace does.
 */

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { makeOwnDirectory } from "../disk/own-files.js";
import type { Engine } from "../snapshot/engine.js";

const running = new WeakMap<Engine, Promise<void>>();

/** Returns a free path in the store to which something that is no longer needed can be renamed. */
export function trashPath({ directory }: Pick<Engine, "directory">, name: string): string {
  const trash = join(directory, "trash");
  makeOwnDirectory(trash);
  return join(trash, `${name}-${randomBytes(4).toString("hex")}`);
}

/** Puts a workspace's own directories away, and its empty directory to work in. */
export function removeState(
  engine: Pick<Engine, "directory">,
  { id, path }: Pick<WorkspaceRow, "id" | "path">,
): void {
  const state = join(engine.directory, "workspaces", id);
  if (!path.startsWith(`${state}/`) && existsSync(path)) rmdirSync(path);
  if (existsSync(state)) renameSync(state, trashPath(engine, id));
}

/** Begins to delete what is in the trash, unless that is under way. */
export function discardLater(engine: Engine): void {
  const before = running.get(engine) ?? Promise.resolve();
  running.set(
    engine,
    before.then(() => emptyTrash(engine)),
  );
}

/** Returns once nothing is being deleted any more. */
export async function trashEmptied(engine: Engine): Promise<void> {
  await running.get(engine);
}

async function emptyTrash({ directory }: Engine): Promise<void> {
  const trash = join(directory, "trash");
  if (!existsSync(trash)) return;
  for (const name of readdirSync(trash)) {
    // What cannot be deleted now is in the trash the next time as well.
    await rm(join(trash, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
