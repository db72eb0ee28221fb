import { spawn } from "node:child_process";

/** How a command is run. */
export interface RunOptions {
  /** @default the working directory of this process */
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the command reads from its standard input. @default nothing */
  readonly input?: string | Uint8Array;
  /** Whether an exit status other than 0 is a result rather than an error. @default false */
  readonly allowFailure?: boolean;
}

/** What a command left behind. */
export interface RunResult {
  /** The exit status; undefined when a signal ended the command. */
  readonly exitCode: number | undefined;
  /** The signal that ended the command. */
  readonly signal: NodeJS.Signals | undefined;
  /** As UTF-8; see `stdoutBytes` for names that are not. */
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
}

/**
 * Runs a command without a shell and collects what it prints. It speaks English and lives in UTC,
 * so that its output can be compared.
 *
 * Arguments are text: a name that is not UTF-8 goes through `input` (`xargs -0`) or through bash's
 * `$'\xff'`.
 *
 * @throws {Error} with all output in the message when the command cannot be started, or fails
 *   without `allowFailure`.
 */
export async function run(
  command: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunResult> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    // Where there is nothing to read: bash takes a socket, which such a pipe is, for a remote shell's and reads
    // its start-up files when it was not started by another shell (bash(1), "INVOCATION").
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C", TZ: "UTC", ...options.env },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout!.on("data", (bytes: Buffer) => stdout.push(bytes));
  child.stderr!.on("data", (bytes: Buffer) => stderr.push(bytes));
  // A command that ends without reading all of its input is judged by its exit status.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input);
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.on("error", reject);
      child.on("close", (...end) => resolve(end));
    },
  );
  const stdoutBytes = Buffer.concat(stdout);
  const result: RunResult = {
    exitCode: exitCode ?? undefined,
    signal: signal ?? undefined,
    stdout: stdoutBytes.toString(),
    stdoutBytes,
    stderr: Buffer.concat(stderr).toString(),
  };
  if (exitCode !== 0 && options.allowFailure !== true) {
    const line = [command, ...args].join(" ");
    throw new Error(
      `${line}: ended with ${signal ?? `status ${exitCode}`}\n${result.stderr}${result.stdout}`,
    );
  }
  return result;
}
