/**
 * Command options: how a command is run in a sandbox, and what came of it.
 */

/** How a command is run in a sandbox. */
export interface CommandOptions {
  /** Further variables; one that is `undefined` is taken away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The working directory, a path in the sandbox. @default its root */
  readonly cwd?: string;
  /** What it reads from standard input. @default nothing */
  readonly input?: string | Uint8Array;
  /** Ends it, and all that it started (SIGKILL), after so many milliseconds; while the sandbox is paused they count too. */
  readonly timeout?: number;
  /** Ends it, and all that it started (SIGKILL). */
  readonly signal?: AbortSignal;
  /** Takes what it writes as it comes; then it is not collected. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Buffer) => void;
}

/** The same for a command that has this process's own input and output. */
export interface InheritOptions extends Omit<BackgroundOptions, "input" | "onOutput"> {
  /** Whether it reads and writes what this process does; then nothing is collected. */
  readonly inherit: true;
}

/** The same for a command that goes on while others are run. */
export interface BackgroundOptions extends CommandOptions {
  /** Has the call return once the command has begun. */
  readonly background: true;
}

/** How a command ended. */
export interface CommandResult {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it, or `null`. */
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to standard output, as UTF-8; empty where `onOutput` took it. */
  readonly stdout: string;
  /** What it wrote to standard error, likewise. */
  readonly stderr: string;
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}

/** A command that goes on while others are run. */
export interface BackgroundCommand {
  /** The process's id on this machine. */
  readonly pid: number;
  /**
   * Returns once it has ended, and nobody has its output open any more.
   *
   * @throws {CoppiceError} TIMEOUT, ABORTED
   */
  wait(): Promise<CommandResult>;
  /** Sends a signal to it; SIGKILL ends all that it started as well. @default "SIGTERM" */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Runs shell lines; see `Sandbox.exec`. */
export interface SandboxExec {
  /**
   * Runs a line of the shell (`sh -c`).
   *
   * @throws {CoppiceError} SANDBOX_PAUSED; NOT_FOUND where a secret or the working directory is missing; TIMEOUT, ABORTED, IO
   * @example
   * const { exitCode, stdout } = await sandbox.exec.command("make test | tail -n 1", { cwd: "/src" });
   */
  command(text: string, options: BackgroundOptions | InheritOptions): Promise<BackgroundCommand>;
  /** Runs one to its end; see above. */
  command(text: string, options?: CommandOptions): Promise<CommandResult>;
}

/** Runs programs; see `Sandbox.process`. */
export interface SandboxProcess {
  /**
   * Runs a program with arguments, without a shell.
   *
   * @throws {CoppiceError} as `SandboxExec.command`; NOT_FOUND also where there is no such program
   * @example
   * const { stdout } = await sandbox.process.exec("git", ["status", "--short"]);
   */
  exec(
    program: string,
    args: readonly string[],
    options: BackgroundOptions | InheritOptions,
  ): Promise<BackgroundCommand>;
  /** Runs one to its end; see above. */
  exec(program: string, args?: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}
