/**
 * Exec: a program, run in a workspace's directory.
 */
import { spawn } from "node:child_process";
import { CoppiceError } from "../model/error.js";

/** How a program is run. */
export interface ExecOptions {
  /** The environment. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads from standard input. @default nothing */
  readonly input?: string | Uint8Array;
  /** Ends it (SIGKILL). */
  readonly signal?: AbortSignal;
  /** Ends it (SIGKILL) after so many milliseconds. */
  readonly timeout?: number;
  /** Takes what it writes as it comes; then it is not collected. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Buffer) => void;
}

/** How a program ended. */
export interface ExecResult {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it, or `null`. */
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to standard output, as UTF-8; empty where `onOutput` took it. */
  readonly stdout: string;
  /** What it wrote to standard error, likewise. */
  readonly stderr: string;
}

/** Runs a program; see `Workspace.exec`. */
export function exec(
  directory: string,
  command: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { env, input, signal, timeout, onOutput } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: directory,
      // A group of its own: what it started ends with it.
      detached: true,
      // Not an empty pipe where nothing is to be read: Node's is a socket, which has bash take itself for a remote shell.
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      ...(env && { env }),
    });
    let ended: "ABORTED" | "TIMEOUT" | undefined;
    const end = (why: "ABORTED" | "TIMEOUT"): void => {
      ended ??= why;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const abort = (): void => end("ABORTED");
    const timer = timeout === undefined ? undefined : setTimeout(() => end("TIMEOUT"), timeout);
    const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.on("data", (bytes: Buffer) => {
        if (onOutput === undefined) collected[stream].push(bytes);
        else onOutput(stream, bytes);
      });
    }
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(
        new CoppiceError(
          error.code === "ENOENT" ? "NOT_FOUND" : "IO",
          `Cannot run ${command}: ${error.message}, check its name and that the workspace is there`,
          { cause: error },
        ),
      );
    });
    child.on("close", (exitCode, ending) => {
      settle();
      if (ended !== undefined) {
        const state = ended === "TIMEOUT" ? `it took longer than ${timeout} ms` : "it was aborted";
        reject(new CoppiceError(ended, `Cannot run ${command}: ${state}`));
        return;
      }
      const stdout = Buffer.concat(collected.stdout).toString();
      const stderr = Buffer.concat(collected.stderr).toString();
      resolve({ exitCode, signal: ending, stdout, stderr });
    });
    // A program that does not read its input ends it; that is its own affair.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
