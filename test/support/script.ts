/** Programs of the tests' own, which run as processes of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type RunResult, run } from "./run.js";

/** How a script is run. */
export interface ScriptOptions {
  /** User and group that it becomes; needs root. @default those of this process */
  readonly uid?: number;
  /** What runs it. @default this Node.js */
  readonly command?: string;
}

/** Runs a script to its end, however that is. */
export async function runScript(
  script: URL,
  args: readonly string[],
  { uid, command = process.execPath }: ScriptOptions = {},
): Promise<RunResult> {
  const line = [fileURLToPath(script), ...args];
  if (uid === undefined) return run(command, line, { allowFailure: true });
  const become = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  return run("setpriv", [...become, command, ...line], { allowFailure: true });
}

/** A script that runs beside the test. */
export interface RunningScript {
  readonly process: ChildProcess;
  /** Returns the next line that it prints; `undefined` when there are no more. */
  line(): Promise<string | undefined>;
  /** Has it read a line. */
  write(line: string): void;
  /** Kills it as `kill -9` does, and returns once it is gone. */
  kill(): Promise<void>;
  /** Returns its exit status once it has ended. */
  ended(): Promise<number | null>;
}

/** Starts a script, which ends with the running test at the latest. */
export function startScript(
  script: URL,
  args: readonly string[],
  { command = process.execPath }: Pick<ScriptOptions, "command"> = {},
): RunningScript {
  const child = spawn(command, [fileURLToPath(script), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exit = once(child, "exit") as Promise<[number | null]>;
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exit;
  };
  onTestFinished(kill);
  // It may have ended by itself.
  child.stdin.on("error", () => undefined);
  return {
    process: child,
    async line() {
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
    write(line) {
      child.stdin.write(`${line}\n`);
    },
    kill,
    async ended() {
      return (await exit)[0];
    },
  };
}
