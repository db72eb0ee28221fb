/**
 * Attach: a workspace that is there.
 */
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { checkWord } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import { explainSystemError } from "../model/system-failure.js";
import type { Engine } from "../snapshot/engine.js";
import type { DriverName } from "./driver.js";
import { driverOf } from "./drivers.js";
import { fork } from "./fork.js";
import { Workspace } from "./workspace.js";

/** How a workspace is found again. */
export interface AttachOptions {
  /**
   * What becomes of one that was in use when the machine stopped, or that somebody was stopped making: `fail` refuses
   * it, `rollback` brings it back to its last snapshot, `keep` takes what stands there, if all of it was there once.
   * @default "fail"
   */
  readonly ifDirty?: "fail" | "rollback" | "keep";
  /** What `await using` does at the end. @default "keep" */
  readonly onExit?: "discard" | "keep";
}

/**
 * Returns a workspace that is there, mounted again where it was not.
 *
 * @throws {CoppiceError} WORKSPACE_DIRTY, NOT_FOUND, UNSUPPORTED, CORRUPT, DISK_FULL, IO
 */
export async function attach(
  engine: Engine,
  row: WorkspaceRow,
  { ifDirty = "fail", onExit = "keep" }: AttachOptions,
): Promise<Workspace> {
  checkWord("ifDirty", ifDirty, ["fail", "rollback", "keep"]);
  checkWord("onExit", onExit, ["discard", "keep"]);
  try {
    const files = driverOf(engine, row.driver as DriverName).files(row);
    try {
      await files.resume(row, stateOf(engine, row, row.base), ifDirty === "keep");
    } catch (error) {
      const isDirty = error instanceof CoppiceError && error.code === "WORKSPACE_DIRTY";
      if (!isDirty || ifDirty !== "rollback") throw error;
      const back = { ...row, base: row.head, bootId: engine.disk.bootId };
      await files.reset(back, stateOf(engine, row, row.head), undefined);
    }
    return new Workspace({ engine, row, files, onExit, fork });
  } catch (error) {
    throw explainSystemError(error, `attach workspace ${row.path}`);
  }
}

function stateOf({ catalog }: Engine, { path }: WorkspaceRow, id: string) {
  const found = catalog.snapshots.find(id);
  if (found !== undefined) return found;
  throw new CoppiceError(
    "NOT_FOUND",
    `Cannot attach workspace ${path}: its snapshot ${id} is gone, discard the workspace`,
  );
}
