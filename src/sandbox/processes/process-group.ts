/**
 * Process group: what was started, with all that came of it, told by /proc alone.
 *
 * What belongs to it: the programs that were started (each a pid with the time of its start, so that a pid that was given again
 * is never signalled), the sessions that they lead while they are there, all descendants of these, and whoever has a certain variable in its
 * environment, which finds what has parted from its parents and its session. What has parted from all three is not found.
 *
 * Invariant: (P1) Two looks one after the other that find the same processes, none of them running, have found all: whoever is
 * missed by the first was made by one that ran while it was taken, and cannot be missed by the second.
 */
import type { ProcessKey, ProcessStatus } from "./proc.js";
import { allProcesses, bootOf, hasVariable, processStatus, threadStates, waitsIn } from "./proc.js";
import { waitUntil } from "./wait-until.js";

/** What a group is told by. */
export interface ProcessGroup {
  /** Returns the programs that were started and may be there still. */
  roots(): readonly ProcessKey[];
  /** `NAME=value`, in the environment of each of them. */
  readonly variable?: string;
}

/** Stops all of them (SIGSTOP); returns once none runs. */
export async function stopGroup(group: ProcessGroup): Promise<void> {
  let before = "";
  await waitUntil("stop all processes", () => {
    const members = membersOf(group);
    const running = members.filter((each) => !isStopped(each, members));
    for (const each of running) signalTo(each, "SIGSTOP");
    const now = running.length > 0 ? "" : namesOf(members);
    const isStable = running.length === 0 && before === `:${now}`;
    before = running.length > 0 ? "" : `:${now}`;
    return isStable;
  });
}

/** Has all of them go on (SIGCONT). */
export function continueGroup(group: ProcessGroup): void {
  for (const each of membersOf(group)) signalTo(each, "SIGCONT");
}

/** Ends all of them (SIGKILL); returns once none is left, but for those that nobody has waited for. */
export async function killGroup(group: ProcessGroup): Promise<void> {
  let wasEmpty = false;
  await waitUntil("end all processes", () => {
    const members = membersOf(group);
    for (const each of members) signalTo(each, "SIGKILL");
    const isEmpty = members.length === 0;
    const isStable = isEmpty && wasEmpty;
    wasEmpty = isEmpty;
    return isStable;
  });
}

/** Returns the processes of a group that have not ended. Costs a look at every process. */
function membersOf(group: ProcessGroup): ProcessStatus[] {
  const all = allProcesses().filter(({ state }) => state !== "Z" && state !== "X");
  const boot = bootOf();
  const roots = new Map(
    group
      .roots()
      .filter((root) => root.boot === boot)
      .map(({ pid, started }) => [pid, started]),
  );
  const members = new Set<number>();
  for (const { pid, started, session } of all) {
    const isRoot = roots.get(pid) === started;
    if (isRoot || (pid !== session && isLedByRoot(session, roots))) members.add(pid);
    else if (group.variable !== undefined && hasVariable(pid, group.variable)) members.add(pid);
  }
  // This process may have been started in a sandbox itself, of which it is no part as long as it works on it.
  members.delete(process.pid);
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const { pid, parent } of all)
      if (members.has(parent) && pid !== process.pid) members.add(pid);
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** Once its leader has ended, a session may be that of another one which had the same id. */
function isLedByRoot(session: number, roots: ReadonlyMap<number, string>): boolean {
  const started = roots.get(session);
  return started !== undefined && processStatus(session)?.started === started;
}

/**
 * Whether no thread of a process runs. One that waits for its child of vfork(2) to start another program cannot be stopped before
 * that, and does nothing meanwhile.
 */
function isStopped({ pid, state }: ProcessStatus, members: readonly ProcessStatus[]): boolean {
  if (state === "D") {
    const child = members.find(({ parent }) => parent === pid);
    return child?.state === "T" && /fork|clone/.test(waitsIn(pid));
  }
  return threadStates(pid).every((each) => "TtZX".includes(each));
}

function namesOf(members: readonly ProcessStatus[]): string {
  return members.map(({ pid, started }) => `${pid}@${started}`).join(" ");
}

function signalTo({ pid, started }: ProcessStatus, signal: NodeJS.Signals): void {
  if (processStatus(pid)?.started !== started) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended; or is another user's, and then the wait tells that it did not stop.
  }
}
