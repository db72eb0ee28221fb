import type { RunResult } from "../support/run.js";
import type { RunningScript, ScriptOptions } from "../support/script.js";
import { runScript, startScript } from "../support/script.js";

/** The programs that tests run as processes of their own. */
export type ChildName =
  | "capture"
  | "meddle"
  | "open-store"
  | "restore"
  | "restore-in-place"
  | "swap-links";

/** Runs a child to its end. */
export function runChild(
  name: ChildName,
  args: readonly string[],
  options: Pick<ScriptOptions, "uid"> = {},
): Promise<RunResult> {
  return runScript(scriptOf(name), args, options);
}

/** Starts a child, which ends with the running test at the latest. */
export function startChild(name: ChildName, args: readonly string[]): RunningScript {
  return startScript(scriptOf(name), args);
}

function scriptOf(name: ChildName): URL {
  return new URL(`children/${name}.mjs`, import.meta.url);
}
