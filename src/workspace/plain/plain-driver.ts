/**
 * Plain drivers: workspaces as ordinary files, with blocks shared with the store's or copied.
 */
import type { Engine } from "../../snapshot/engine.js";
import type { Driver } from "../driver.js";
import { PlainFiles } from "./plain-files.js";
import { cloneProblem } from "./probe-clone.js";

/** Returns a driver on a store. */
export function plainDriver(engine: Engine, name: "clone" | "copy"): Driver {
  return {
    name,
    canBeReadOnly: false,
    problem: async (directory) =>
      name === "copy" ? undefined : cloneProblem(engine.directory, directory),
    files: (workspace) => new PlainFiles(engine, workspace, name === "clone"),
  };
}
