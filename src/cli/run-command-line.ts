/**
 * Run command line: from arguments to an exit code. Whatever goes wrong is told here, once.
 */
import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.js";
import { errorJson } from "./json/error-json.js";
import { escapeText } from "./output/escape-text.js";
import { outputError } from "./output/output.js";
import { styleFor } from "./output/style.js";
import { createProgram } from "./program.js";
import { signalExitCode } from "./signals.js";
import { UsageError } from "./usage-error.js";

/**
 * Runs the command that the arguments name and returns the exit code.
 *
 * @param args what follows the program's name
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  // The parser writes help and version itself; a listener keeps what goes wrong there from ending the process.
  const failures: Error[] = [];
  process.stdout.on("error", (error) => failures.push(error));
  try {
    const program = await createProgram(args);
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (thrown) {
    let error = thrown;
    if (error instanceof CommanderError && error.exitCode === 0) {
      await new Promise(setImmediate);
      if (failures.length === 0) return EXIT.ok;
      error = outputError(failures[0]);
    }
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return EXIT.brokenPipe;
    const problem = error instanceof CommanderError ? usageError(error) : error;
    if (problem !== undefined) tell(problem, args.includes("--json"));
    return exitCodeOf(problem);
  }
}

/** Returns what the parser complains about; `undefined` when it showed the help instead. */
function usageError({ code, message }: CommanderError): UsageError | undefined {
  if (code === "commander.help") return undefined;
  return new UsageError(message.replace(/^error: /, "").replaceAll("\n", " "));
}

function exitCodeOf(error: unknown): number {
  if (error === undefined || error instanceof UsageError) return EXIT.usage;
  const { code } = error as { code?: unknown };
  if (code === "ABORTED") return signalExitCode() ?? EXIT.failed;
  return code === "CONFLICT" ? EXIT.conflict : EXIT.failed;
}

function tell(error: unknown, isJson: boolean): void {
  const document = errorJson(error);
  if (isJson) {
    process.stderr.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const style = styleFor(process.stderr);
  const { code, message } = document.error;
  const isBug = code === "INTERNAL" && error instanceof Error;
  const text = isBug ? (error.stack ?? message) : message;
  const lines = text.split("\n").map(escapeText).join("\n");
  const suffix = code === "USAGE" ? '\nSee "coppice --help"' : ` (${code})`;
  process.stderr.write(`${style(["red", "bold"], "error:")} ${lines}${style("dim", suffix)}\n`);
}
