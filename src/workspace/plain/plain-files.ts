/**
 * Plain files: a workspace as a directory of ordinary files. What was changed is found by looking at every name.
 *
 * Invariant: (K4) The row says that the files are not whole from before the first of them is touched until after the
 * last: what a killed process left half-way is never taken for a workspace.
 */

import { existsSync } from "node:fs";
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../../catalog/workspace-table.js";
import { makeOwnDirectory } from "../../disk/own-files.js";
import { CoppiceError } from "../../model/error.js";
import { checkOut } from "../../restore/check-out.js";
import { restore } from "../../restore/restore.js";
import { scanStanding } from "../../restore/standing-tree.js";
import { statCachePath } from "../../scan/cache-place.js";
import { captureWorkspace } from "../../snapshot/capture.js";
import type { Engine } from "../../snapshot/engine.js";
import { openSource, withoutOmitted } from "../../snapshot/source.js";
import { whileHeld } from "../../snapshot/while-held.js";
import { readRoot } from "../../tree/root.js";
import type { CapturedFiles, FilesCapture, FilesState, WorkspaceFiles } from "../driver.js";
import { requireIdle } from "../holders.js";
import { discardLater, removeState, trashEmptied } from "../trash.js";
import { cacheCheckout } from "./cache-checkout.js";
import { discardDirectory } from "./discard-directory.js";

/** Everything in a workspace is the workspace's. */
const NO_FILTER = { exclude: [], gitignore: false };

export class PlainFiles implements WorkspaceFiles {
  readonly #engine: Engine;
  readonly #workspace: Pick<WorkspaceRow, "id" | "path">;
  readonly #sharesBlocks: boolean;

  constructor(engine: Engine, workspace: Pick<WorkspaceRow, "id" | "path">, sharesBlocks: boolean) {
    this.#engine = engine;
    this.#workspace = workspace;
    this.#sharesBlocks = sharesBlocks;
  }

  async reset(
    row: WorkspaceRow,
    state: SnapshotRow,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const engine = this.#engine;
    const { workspaces } = engine.catalog;
    const before = workspaces.find(row.id);
    const isNew = before === undefined;
    if (!isNew) requireIdle(row.path, "restore");
    // Until the end it is at the old snapshot: where this fails, a rollback leads back to that.
    workspaces.put({ ...(before ?? row), isWhole: false }, () => {
      if (isNew) makeOwnDirectory(row.path);
    });
    const sharesBlocks = this.#sharesBlocks;
    if (isNew) {
      const root = readRoot(engine.objects, state.digest);
      await whileHeld(engine, state.digest, () =>
        checkOut(engine, engine.objects, root, row.path, { signal, sharesBlocks }),
      );
      cacheCheckout(engine, row.path, root);
    } else {
      const options = { force: true, ...(signal && { signal }) };
      await restore(engine, state, row.path, options, { filter: NO_FILTER, sharesBlocks });
    }
    workspaces.put({ ...row, isWhole: true }, () => undefined);
  }

  async resume(row: WorkspaceRow, _: SnapshotRow, accepts: boolean): Promise<void> {
    const { catalog, disk } = this.#engine;
    const { path } = row;
    if (!row.isWhole) {
      throw new CoppiceError(
        "WORKSPACE_DIRTY",
        `Cannot attach workspace ${path}: whoever was making, restoring or discarding it was stopped half-way; roll it back to its last snapshot, or discard it`,
        { path },
      );
    }
    if (!existsSync(path)) {
      throw new CoppiceError(
        "NOT_FOUND",
        `Cannot attach workspace ${path}: its directory is gone, discard the workspace`,
        { path },
      );
    }
    if (row.bootId !== disk.bootId && !accepts) {
      throw new CoppiceError(
        "WORKSPACE_DIRTY",
        `Cannot attach workspace ${path}: the machine was started again since it was in use, and if it had stopped without warning, what was written last may not be whole; keep it as it stands, roll it back to its last snapshot, or discard it`,
        { path },
      );
    }
    catalog.workspaces.put({ ...row, bootId: disk.bootId }, () => undefined);
  }

  async capture({ head, name, labels, durability }: FilesCapture): Promise<CapturedFiles> {
    const { row, report, filesRead } = await captureWorkspace(this.#engine, this.#workspace, head, {
      labels,
      ...(name !== undefined && { name }),
      ...(durability && { durability }),
    });
    const { bytesRead, bytesNew, pruned, overLimit } = report;
    return { row, filesRead, bytesRead, bytesNew, pruned, ...(overLimit && { overLimit }) };
  }

  async look(): Promise<FilesState> {
    const source = withoutOmitted(this.#engine, openSource(this.#engine, this.#workspace.path));
    const { objects, digest } = await scanStanding(this.#engine, NO_FILTER, source, {});
    return { objects, digest };
  }

  async remove(row: WorkspaceRow, isForced: boolean): Promise<void> {
    const { catalog, disk } = this.#engine;
    if (!isForced) requireIdle(row.path, "discard");
    // On a full disk there may be no room to note it, and there need not be where it is noted.
    if (catalog.workspaces.find(row.id)?.isWhole === true)
      catalog.workspaces.put({ ...row, isWhole: false }, () => undefined);
    await discardDirectory(this.#engine, row);
    disk.remove(statCachePath(row.path));
    const forget = (): void => catalog.workspaces.remove(row, () => removeState(this.#engine, row));
    try {
      forget();
    } catch (error) {
      if ((error as CoppiceError).code !== "DISK_FULL") throw error;
      // What fills the disk may be the files that were put into the trash.
      discardLater(this.#engine);
      await trashEmptied(this.#engine);
      forget();
    }
    discardLater(this.#engine);
  }
}
