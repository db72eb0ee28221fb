/**
 * Run setup: a script in a directory, with an environment that is told and an end that is sure: what it started ends with it, and
 * with this process, however that ends.
 */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CoppiceError } from "../model/error.js";

/** What a setup is run with. */
export interface SetupRun {
  /** Names it: what it leaves outside its directory is found by this. */
  readonly id: string;
  readonly directory: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onOutput: (bytes: Buffer) => void;
}

/** How a setup ended. */
export interface SetupEnd {
  /** Missing where a signal ended it. */
  readonly exitCode?: number;
  /** Why it failed; missing where it did not. */
  readonly error?: string;
}

/** What every setup finds, unless its profile says otherwise; nothing of this process's own environment. */
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
} as const;

/**
 * Beside the setup, in its process group, something waits for the end of a pipe that this process holds, and then ends the group:
 * the kernel closes the pipe however this process ends. Both streams are one, so that lines stand in the order in which they were written.
 */
const LAUNCHER =
  '(read _; kill -KILL 0) <&3 >/dev/null 2>&1 & exec 3<&- 2>&1; exec sh -eu -c "$1" setup';

/**
 * Runs a setup to its end.
 *
 * @throws {CoppiceError} ABORTED; IO, NOT_FOUND where there is no shell
 */
export async function runSetup(run: SetupRun): Promise<SetupEnd> {
  const home = homeOf(run.id);
  removeHome(run.id);
  mkdirSync(home, { mode: 0o700 });
  try {
    return await runIn(home, run);
  } finally {
    removeHome(run.id);
  }
}

/** Removes the home directory of a setup that was run on this machine, if it is there. */
export function removeHome(id: string): void {
  rmSync(homeOf(id), { recursive: true, force: true });
}

function homeOf(id: string): string {
  return join(tmpdir(), `coppice-setup-${id}`);
}

function runIn(
  home: string,
  { directory, script, env, timeout, signal, onOutput }: SetupRun,
): Promise<SetupEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", LAUNCHER, "setup", script], {
      cwd: directory,
      // A group of its own: what it started ends with it.
      detached: true,
      stdio: ["ignore", "pipe", "ignore", "pipe"],
      env: { ...ENVIRONMENT, HOME: home, TMPDIR: home, ...env },
    });
    let ended: "aborted" | "timeout" | undefined;
    const end = (why: "aborted" | "timeout"): void => {
      ended ??= why;
      killGroup(child.pid);
    };
    const abort = (): void => end("aborted");
    const timer = setTimeout(() => end("timeout"), timeout);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    child.stdout?.on("data", onOutput);
    // The other end goes with the group.
    child.stdio[3]?.on("error", () => undefined);
    child.on("error", (error: NodeJS.ErrnoException) => {
      settle();
      const code = error.code === "ENOENT" ? "NOT_FOUND" : "IO";
      const message = `Cannot run setup: ${error.message}, check that there is /bin/sh`;
      reject(new CoppiceError(code, message, { cause: error }));
    });
    // What it left running would write while the snapshot is taken, and hold the pipes open.
    child.on("exit", () => killGroup(child.pid));
    child.on("close", (exitCode, ending) => {
      settle();
      if (ended === "aborted") {
        reject(new CoppiceError("ABORTED", "Cannot run setup: it was aborted"));
      } else if (ended === "timeout") {
        resolve({ error: `the setup took longer than ${timeout} ms` });
      } else if (exitCode === 0) {
        resolve({ exitCode });
      } else if (exitCode !== null) {
        resolve({ exitCode, error: `the setup ended with exit code ${exitCode}` });
      } else {
        resolve({ error: `the setup was ended by ${ending}` });
      }
    });
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
