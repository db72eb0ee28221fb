/**
 * Collect output: what a process writes, and how it ends.
 */
import type { ChildProcess } from "node:child_process";
import { CoppiceError } from "../../model/error.js";
import type { CommandOptions, CommandResult } from "./command-options.js";

/** Takes what a process writes, and gives it its input. */
export function collectOutput(
  child: ChildProcess,
  { input, onOutput }: CommandOptions,
): { readonly result: Promise<Omit<CommandResult, "durationMs">> } {
  const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.on("data", (bytes: Buffer) => {
      if (onOutput === undefined) collected[stream].push(bytes);
      else onOutput(stream, bytes);
    });
  // A program that does not read its input ends it; that is its own affair.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  const result = new Promise<Omit<CommandResult, "durationMs">>((resolve, reject) => {
    child.on("error", (error) =>
      reject(
        new CoppiceError("IO", `Cannot run command: ${error.message}, see the cause`, {
          cause: error,
        }),
      ),
    );
    child.on("close", (exitCode, signal) =>
      resolve({
        exitCode,
        signal,
        stdout: Buffer.concat(collected.stdout).toString(),
        stderr: Buffer.concat(collected.stderr).toString(),
      }),
    );
  });
  // Who waits for it is told.
  result.catch(() => undefined);
  return { result };
}
