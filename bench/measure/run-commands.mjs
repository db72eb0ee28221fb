/**
 * Runs the commands of a rival as whole processes, one after the other, and times them together: from
 * before the first is started until the last has been reaped.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How much of a failing command's output its error quotes. */
const QUOTED_CHARACTERS = 2_000;

/**
 * @typedef {object} Command
 * @property {readonly string[]} argv the program and its arguments
 * @property {string} [cwd]
 * @property {Readonly<Record<string, string>>} [env] added to the harness's own environment
 */

/**
 * Runs the commands and returns how long they took and what the last one printed. Output goes
 * to files, so that the harness is asleep meanwhile and costs the rivals nothing.
 * @param {readonly Command[]} commands
 * @returns {{ elapsedMs: number, stdout: string }}
 * @throws {Error} when one exits with another status than 0
 */
export function runCommands(commands) {
  const directory = mkdtempSync(join(tmpdir(), "coppice-bench-output-"));
  try {
    let stdout = "";
    let elapsedMs = 0;
    for (const [index, command] of commands.entries()) {
      const outPath = join(directory, `${index}.out`);
      const errorPath = join(directory, `${index}.err`);
      const out = openSync(outPath, "w");
      const error = openSync(errorPath, "w");
      const startNs = process.hrtime.bigint();
      const result = spawnSync(/** @type {string} */ (command.argv[0]), command.argv.slice(1), {
        ...spawnOptions(command),
        stdio: ["ignore", out, error],
      });
      elapsedMs += Number(process.hrtime.bigint() - startNs) / 1e6;
      closeSync(out);
      closeSync(error);
      stdout = readFileSync(outPath, "utf8");
      assertSuccess(command, result, readFileSync(errorPath, "utf8") || stdout);
    }
    return { elapsedMs, stdout };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Returns the options of `spawn` that a command asks for.
 * @param {Command} command
 */
export function spawnOptions(command) {
  return { cwd: command.cwd, env: { ...process.env, LC_ALL: "C", ...command.env } };
}

/**
 * Throws an error that quotes what the command printed, unless it succeeded.
 * @param {Command} command
 * @param {{ status: number | null, signal: string | null, error?: Error }} result
 * @param {string} output
 */
export function assertSuccess(command, { status, signal, error }, output) {
  if (status === 0) return;
  const ending = error?.message ?? (signal === null ? `exit status ${status}` : `signal ${signal}`);
  const quoted = output.slice(-QUOTED_CHARACTERS);
  throw new Error(`Cannot run ${command.argv.join(" ")}: ${ending}\n${quoted}`);
}
