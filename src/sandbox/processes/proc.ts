/**
 * Proc: what the system tells of processes (proc(5)).
 */
import { readdirSync, readFileSync } from "node:fs";

/** Names a process for as long as the machine runs: ids are given again, with another time. */
export interface ProcessKey {
  readonly pid: number;
  /** Clock ticks since the machine was started, as the system tells them. */
  readonly started: string;
  /** Names the time since the machine was started. */
  readonly boot: string;
}

/** A process as it stands. */
export interface ProcessStatus {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly started: string;
  /** One letter: `T` stopped, `t` stopped by a debugger, `Z` ended, `D` waiting for the kernel, `R` and `S` running. */
  readonly state: string;
}

/** random(4): made once at boot. */
const BOOT_FILE = "/proc/sys/kernel/random/boot_id";

let boot: string | undefined;

/** Returns what names the time since the machine was started; empty where it does not tell. */
export function bootOf(): string {
  boot ??= read(BOOT_FILE)?.trim() ?? "";
  return boot;
}

/** Returns a process; `undefined` where there is none. */
export function processStatus(pid: number): ProcessStatus | undefined {
  return parse(pid, read(`/proc/${pid}/stat`));
}

/** Returns all processes. Costs some 10 µs for each. */
export function allProcesses(): ProcessStatus[] {
  const found: ProcessStatus[] = [];
  for (const name of list("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    const status = processStatus(Number(name));
    if (status !== undefined) found.push(status);
  }
  return found;
}

/** Returns the states of a process's threads: its own may be told before all of them are in it. */
export function threadStates(pid: number): string[] {
  return list(`/proc/${pid}/task`).flatMap((thread) => {
    const status = parse(pid, read(`/proc/${pid}/task/${thread}/stat`));
    return status === undefined ? [] : [status.state];
  });
}

/** Whether a process began with a variable in its environment. Of another user's it is not told. */
export function hasVariable(pid: number, variable: string): boolean {
  return `\0${read(`/proc/${pid}/environ`) ?? ""}`.includes(`\0${variable}\0`);
}

/** What of the kernel a process waits in; empty where the system does not tell. */
export function waitsIn(pid: number): string {
  return read(`/proc/${pid}/wchan`) ?? "";
}

/** The name stands in brackets and may have anything in it, brackets too. */
function parse(pid: number, text: string | undefined): ProcessStatus | undefined {
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    state: fields[0] ?? "",
    parent: Number(fields[1]),
    session: Number(fields[3]),
    started: fields[19] ?? "",
  };
}

/** A process that has ended meanwhile has nothing to read. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
