import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Command } from "commander";
import { CoppiceError } from "../../model/error.js";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";

/** `coppice exec`: runs a program in a workspace. */
export function execCommand(): Command {
  return new Command("exec")
    .description("run a program in a workspace; its input, output and exit code are the command's")
    .argument("<workspace>", "id, name or directory")
    .argument("<program>", "what to run")
    .argument("[argument...]", "its arguments; -- before those that begin with a dash")
    .action(action(exec));
}

async function exec(
  invocation: Invocation,
  key: string,
  program: string,
  args: readonly string[],
): Promise<number> {
  const store = await invocation.openStore();
  const { path } = await store.workspace(key);
  const child = spawn(program, args, { cwd: path, stdio: "inherit" });
  // Ctrl-C is for the program; this process waits for it.
  const wait = (): void => undefined;
  process.on("SIGINT", wait);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", (error) => reject(cannotRun(program, error)));
      child.on("exit", (code, signal) =>
        resolve(code ?? EXIT.signal + constants.signals[signal ?? "SIGKILL"]),
      );
    });
  } finally {
    process.off("SIGINT", wait);
  }
}

function cannotRun(program: string, cause: Error): CoppiceError {
  const code = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "NOT_FOUND" : "IO";
  const message = `Cannot run ${program}: ${cause.message}, check its name`;
  return new CoppiceError(code, message, { cause });
}
