/**
 * Run command: a program in a sandbox.
 *
 * Invariant: (R1) A program begins only after the freezer has it and the ledger has noted it, in a transaction that found the
 * sandbox running. Until then a shell waits in its place for a word, and ends without running anything where none comes.
 *
 *     spawn (waits) ─> ledger: running? note pid, event ─> freezer ─> word ─> program ─> ledger: event
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { checkVariables } from "../../model/check-options.js";
import { CoppiceError } from "../../model/error.js";
import { newId } from "../../model/new-id.js";
import { atPath, missing } from "../files/resolve-path.js";
import type { ProcessKey } from "../processes/proc.js";
import { bootOf, processStatus } from "../processes/proc.js";
import { killGroup } from "../processes/process-group.js";
import { noteEvent } from "../sandbox-events.js";
import { stateOf } from "../sandbox-info.js";
import type { SandboxParts } from "../sandbox-parts.js";
import { isLiving, livingRow, paused } from "../sandbox-parts.js";
import { forgetProcess, freezerFor, noteProcess, VARIABLE } from "../sandbox-processes.js";
import type { SandboxRow } from "../sandbox-row.js";
import { findRow } from "../sandbox-row.js";
import { collectOutput } from "./collect-output.js";
import type { BackgroundCommand, CommandOptions } from "./command-options.js";
import { environmentOf, shownWithout } from "./environment.js";
import { findProgram } from "./find-program.js";
import { bubblewrapArguments, findBubblewrap } from "./isolation.js";

/** A program with its arguments, and how it is told in events. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
  readonly shown: Readonly<Record<string, string | readonly string[]>>;
}

/** In the environment of what came of a command: its id, so that all of it is found when it is to end. */
const COMMAND = "COPPICE_COMMAND";

/** Waits for a word, closes where it came from, and becomes the program. */
const WAIT = 'read -r _ <&3 || exit 125; exec 3<&-; exec "$@"';

/** Starts a program; see `Sandbox.process`. */
export async function startCommand(
  parts: SandboxParts,
  line: CommandLine,
  options: CommandOptions,
): Promise<BackgroundCommand> {
  const { store, id, workspace, resolveSecret } = parts;
  checkVariables("env", options.env);
  checkTimeout(options.timeout);
  const row = livingRow(store, id);
  if (stateOf(row) === "paused") throw paused(id, "run command");
  if (options.signal?.aborted === true) throw aborted();
  const isolated = row.isolation.kind === "bubblewrap" ? row.isolation : undefined;
  const command = newId();
  const own = {
    [VARIABLE]: id,
    [COMMAND]: command,
    ...(isolated !== undefined && { HOME: isolated.at }),
  };
  const { variables, secrets } = await environmentOf(
    row.config,
    resolveSecret,
    own,
    options.env ?? {},
  );
  const cwd = options.cwd ?? "/";
  return atPath(workspace.path, cwd, async ({ stats, opened }) => {
    if (stats === undefined || opened === undefined) throw missing(cwd);
    if (!stats.isDirectory())
      throw new CoppiceError(
        "NOT_A_DIRECTORY",
        `Cannot run command in ${cwd}: it is no directory`,
        { path: cwd },
      );
    const directory = opened.replace("/self/", `/${process.pid}/`);
    const words = wordsOf(parts, row, line, { variables, directory, cwd });
    const child = spawn("/bin/sh", ["-c", WAIT, "sh", ...words], {
      cwd: directory,
      env: variables,
      // A group and a session of its own: it is told by these, and no terminal's signals reach it.
      detached: true,
      stdio: streamsOf(options),
    });
    return begin(parts, row, child, { command, line, options, secrets });
  });
}

/** What is known of a command when its process is there. */
interface Begun {
  /** Names it in events, and in its environment. */
  readonly command: string;
  readonly line: CommandLine;
  readonly options: CommandOptions;
  readonly secrets: readonly string[];
}

async function begin(
  { store, id }: SandboxParts,
  row: SandboxRow,
  child: ChildProcess,
  { command, line, options, secrets }: Begun,
): Promise<BackgroundCommand> {
  const { database, transaction } = store.ledger;
  const startedMs = performance.now();
  const output = collectOutput(child, options);
  const word = child.stdio[3] as Writable;
  word.on("error", () => undefined);
  await once(child, "spawn");
  const key: ProcessKey = {
    pid: child.pid!,
    started: processStatus(child.pid!)?.started ?? "",
    boot: bootOf(),
  };
  try {
    transaction.run(() => {
      if (stateOf(livingRow(store, id)) === "paused") throw paused(id, "run command");
      noteProcess(store, id, key);
      noteEvent(database, id, "command", {
        command,
        ...shownWithout(line.shown, secrets),
        ...(options.cwd !== undefined && { cwd: options.cwd }),
        ...(row.isolation.kind !== "none" && { isolation: row.isolation.kind }),
      });
    }, "relaxed");
    freezerFor(store, row).enter(key.pid);
  } catch (error) {
    word.destroy();
    output.result.catch(() => undefined);
    forget(() => forgetProcess(store, id, key));
    throw error;
  }
  word.end("\n");
  const killAll = (): Promise<void> =>
    killGroup({ roots: () => [key], variable: `${COMMAND}=${command}` });
  const limited = limit(options, killAll);
  const ended = (async () => {
    try {
      const { exitCode, signal, ...written } = await output.result;
      const durationMs = performance.now() - startedMs;
      const why = limited.reason;
      forget(() => {
        forgetProcess(store, id, key);
        // What the end of the sandbox ended is told by that, which is the last event.
        const now = findRow(database, id);
        if (now === undefined || !isLiving(now)) return;
        noteEvent(database, id, "command-ended", {
          command,
          ...{ exitCode, signal, durationMs: Math.round(durationMs) },
          ...(why !== undefined && { ended: why }),
        });
      });
      if (why === "TIMEOUT")
        throw new CoppiceError(
          "TIMEOUT",
          `Cannot run command: it took longer than ${options.timeout} ms`,
        );
      if (why === "ABORTED") throw aborted();
      return { exitCode, signal, ...written, durationMs };
    } finally {
      limited.end();
    }
  })();
  // Who does not wait is not told.
  ended.catch(() => undefined);
  return {
    pid: key.pid,
    wait: () => ended,
    async kill(signal = "SIGTERM") {
      if (signal === "SIGKILL") await killAll();
      else if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    },
  };

  /** The store may be closed, or the sandbox gone; the command ended all the same. */
  function forget(note: () => void): void {
    try {
      transaction.run(note, "relaxed");
    } catch {
      // A row that stays names a process that is there no more.
    }
  }
}

/** Returns what the waiting shell becomes. */
function wordsOf(
  { workspace, id }: SandboxParts,
  { isolation, name }: SandboxRow,
  { program, args }: CommandLine,
  {
    variables,
    directory,
    cwd,
  }: {
    readonly variables: Readonly<Record<string, string>>;
    readonly directory: string;
    readonly cwd: string;
  },
): readonly string[] {
  if (isolation.kind === "bubblewrap") {
    const place = { files: workspace.path, directory: cwd, hostname: hostname(name ?? id) };
    return [findBubblewrap(), ...bubblewrapArguments(isolation, place), program, ...args];
  }
  const found = findProgram(program, variables.PATH ?? "", directory);
  if (found === undefined)
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot run ${program}: there is no such program, check its name and PATH`,
    );
  return [program, ...args];
}

/** Has a command end when its time is up or it is aborted. */
function limit({ timeout, signal }: CommandOptions, killAll: () => Promise<void>) {
  let reason: "ABORTED" | "TIMEOUT" | undefined;
  const end = (why: "ABORTED" | "TIMEOUT"): void => {
    reason ??= why;
    killAll().catch(() => undefined);
  };
  const abort = (): void => end("ABORTED");
  const timer = timeout === undefined ? undefined : setTimeout(() => end("TIMEOUT"), timeout);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted === true) abort();
  return {
    get reason() {
      return reason;
    },
    end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/** The last one is where the word comes from. */
function streamsOf(options: CommandOptions): StdioOptions {
  if ("inherit" in options && options.inherit === true)
    return ["inherit", "inherit", "inherit", "pipe"];
  return [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe", "pipe"];
}

function checkTimeout(timeout: number | undefined): void {
  if (timeout === undefined || (Number.isFinite(timeout) && timeout >= 0 && timeout < 2 ** 31))
    return;
  throw new RangeError(`Cannot use timeout ${timeout}: give milliseconds from 0 to ${2 ** 31 - 1}`);
}

function aborted(): CoppiceError {
  return new CoppiceError("ABORTED", "Cannot run command: it was aborted");
}

/** sethostname(2) takes 64 bytes. */
function hostname(name: string): string {
  return name.replace(/[^A-Za-z0-9-]/g, "-").slice(0, 63);
}
