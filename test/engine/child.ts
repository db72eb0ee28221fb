import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type RunResult, run } from "../support/run.js";

/** The programs that tests run as processes of their own. */
export type ChildName =
  | "capture"
  | "meddle"
  | "open-store"
  | "restore"
  | "restore-in-place"
  | "swap-links";

/** How a child is run. */
export interface ChildOptions {
  /** User and group that it becomes; needs root. @default those of this process */
  readonly uid?: number;
}

/** Runs a child to its end. */
export async function runChild(
  name: ChildName,
  args: readonly string[],
  { uid }: ChildOptions = {},
): Promise<RunResult> {
  const command = [process.execPath, scriptOf(name), ...args];
  if (uid === undefined) return run(command[0]!, command.slice(1), { allowFailure: true });
  const become = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  return run("setpriv", [...become, ...command], { allowFailure: true });
}

/** A child that runs beside the test. */
export interface RunningChild {
  readonly process: ChildProcess;
  /** Returns the next line that it prints; `undefined` when there are no more. */
  line(): Promise<string | undefined>;
  /** Kills it as `kill -9` does, and returns once it is gone. */
  kill(): Promise<void>;
  /** Returns its exit status once it has ended. */
  ended(): Promise<number | null>;
}

/** Starts a child, which ends with the running test at the latest. */
export function startChild(name: ChildName, args: readonly string[]): RunningChild {
  const child = spawn(process.execPath, [scriptOf(name), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exit = once(child, "exit") as Promise<[number | null]>;
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exit;
  };
  onTestFinished(kill);
  return {
    process: child,
    async line() {
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
    kill,
    async ended() {
      return (await exit)[0];
    },
  };
}

function scriptOf(name: ChildName): string {
  return fileURLToPath(new URL(`children/${name}.mjs`, import.meta.url));
}
