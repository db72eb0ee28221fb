/**
 * Measures the largest resident set of a command. The kernel keeps the high-water mark itself
 * (`VmHWM` in /proc/PID/status, proc_pid_status(5)), so that reading it now and then misses no peak but
 * one of the last few milliseconds. Not used for times: the sampling would cost the rivals some.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { assertSuccess, spawnOptions } from "./run-commands.mjs";

const SAMPLE_INTERVAL_MS = 5;

/**
 * Runs the commands one after the other and returns the highest resident set that any of them,
 * its child processes included, had.
 * @param {readonly import("./run-commands.mjs").Command[]} commands
 * @returns {Promise<{ peakBytes: number, stdout: string }>}
 */
export async function runWithPeakMemory(commands) {
  let peakBytes = 0;
  let stdout = "";
  for (const command of commands) {
    const result = await runOne(command);
    peakBytes = Math.max(peakBytes, result.peakBytes);
    stdout = result.stdout;
  }
  return { peakBytes, stdout };
}

/**
 * @param {import("./run-commands.mjs").Command} command
 * @returns {Promise<{ peakBytes: number, stdout: string }>}
 */
function runOne(command) {
  return new Promise((resolve, reject) => {
    const child = spawn(/** @type {string} */ (command.argv[0]), command.argv.slice(1), {
      ...spawnOptions(command),
      stdio: ["ignore", "pipe", "pipe"],
    });
    /** @type {Map<number, number>} high-water mark of each process of the command */
    const marks = new Map();
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    const timer = setInterval(() => sample(child.pid, marks), SAMPLE_INTERVAL_MS);
    child.on("error", (error) => {
      clearInterval(timer);
      reject(error);
    });
    child.on("close", (status, signal) => {
      clearInterval(timer);
      try {
        assertSuccess(command, { status, signal }, stderr);
      } catch (error) {
        reject(error);
        return;
      }
      const peakBytes = [...marks.values()].reduce((sum, mark) => sum + mark, 0);
      resolve({ peakBytes, stdout });
    });
  });
}

/**
 * Notes the high-water mark of a process and of its children.
 * @param {number | undefined} pid
 * @param {Map<number, number>} marks
 */
function sample(pid, marks) {
  if (pid === undefined) return;
  try {
    const mark = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    if (mark !== null) marks.set(pid, Number(mark[1]) * 1024);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    for (const child of children.split(" ")) if (child !== "") sample(Number(child), marks);
  } catch {
    // The process has ended between two samples; its last mark stands.
  }
}
