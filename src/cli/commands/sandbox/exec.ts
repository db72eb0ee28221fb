import { constants } from "node:os";
import { Command } from "commander";
import { EXIT } from "../../exit-codes.js";
import { action, type Invocation } from "../../invocation.js";
import { collectLabel, wholeNumber } from "../../options.js";
import { useSandbox } from "./use-sandbox.js";

interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeout?: number;
}

/** `coppice sandbox exec`: runs a program in one. */
export function execCommand(): Command {
  return new Command("exec")
    .description("run a program in a sandbox; its input, output and exit code are the command's")
    .argument("<sandbox>", "id or name")
    .argument("<program>", "what to run")
    .argument("[argument...]", "its arguments; -- before those that begin with a dash")
    .option(
      "-e, --env <name=value>",
      "a further variable; may be given several times",
      collectLabel,
    )
    .option("--cwd <path>", "the working directory in the sandbox")
    .option("--timeout <ms>", "end it after so many milliseconds", wholeNumber(0, 2 ** 31 - 1))
    .action(action(exec));
}

async function exec(
  invocation: Invocation,
  key: string,
  program: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const sandbox = await useSandbox(invocation, key);
  const { json: _json, store: _store, ...own } = options as ExecOptions & Record<string, unknown>;
  const command = await sandbox.process.exec(program, args, {
    ...own,
    background: true,
    inherit: true,
  });
  // It has a session of its own: what a terminal sends comes here.
  const pass = (signal: NodeJS.Signals): void => void command.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, pass);
  try {
    const { exitCode, signal } = await command.wait();
    return exitCode ?? EXIT.signal + constants.signals[signal ?? "SIGKILL"];
  } finally {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, pass);
  }
}
