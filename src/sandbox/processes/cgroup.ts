/**
 * Cgroup: a control group as a freezer (cgroups(7)). It holds its processes whatever these do to parents and sessions.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { newId } from "../../model/new-id.js";
import type { Freezer } from "./freezer.js";
import { waitUntil } from "./wait-until.js";

export type CgroupVersion = 1 | 2;

/** Returns the control group that this process is in, below which others can be made; or why there is none. */
export function findCgroups(
  version: CgroupVersion,
): { readonly directory: string } | { readonly reason: string } {
  try {
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    const mount = mounts.map(parseMount).find((each) => each !== undefined && isWanted(each));
    const own = readFileSync("/proc/self/cgroup", "utf8").split("\n").map(parseOwn);
    const path = own.find((controllers) =>
      version === 2
        ? controllers?.names === ""
        : controllers?.names.split(",").includes("freezer") === true,
    )?.path;
    if (mount !== undefined && path !== undefined) {
      // Within a container the mount may begin somewhere below the root.
      const below = relative(mount.root, path);
      return { directory: join(mount.point, below.startsWith("..") ? "" : below) };
    }
    return { reason: `no control groups of version ${version} with a freezer are mounted` };
  } catch (error) {
    return { reason: `the system does not tell of control groups (${(error as Error).message})` };
  }

  function isWanted({ type, options }: Mount): boolean {
    return version === 2
      ? type === "cgroup2"
      : type === "cgroup" && options.split(",").includes("freezer");
  }
}

/**
 * Tries to stop a process in a control group of its own.
 *
 * @throws {Error} where that cannot be done
 */
export async function probeCgroup(version: CgroupVersion, parent: string): Promise<void> {
  clearProbes(parent);
  const freezer = cgroupFreezer(version, join(parent, `${PROBE}${newId()}`));
  const child = spawn("/bin/sh", ["-c", "read -r _"], { stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.on("error", () => undefined);
  const ended = once(child, "exit");
  try {
    await once(child, "spawn");
    freezer.enter(child.pid!);
    await freezer.freeze();
    await freezer.thaw();
  } finally {
    child.stdin.end();
    await ended;
    await freezer.remove();
  }
}

/** Returns the freezer of a control group, which is made when the first process enters it. */
export function cgroupFreezer(version: CgroupVersion, directory: string): Freezer {
  const file = (name: string) => join(directory, name);
  const write = (name: string, text: string) => writeFileSync(file(name), text);
  /** Where there is no such group there is nobody in it. */
  const read = (name: string) => unlessMissing(() => readFileSync(file(name), "latin1"));
  const pids = () => (read("cgroup.procs") ?? "").split("\n").filter(Boolean).map(Number);
  const switchTo = async (isFrozen: boolean): Promise<void> => {
    const [name, text] =
      version === 2
        ? ["cgroup.freeze", isFrozen ? "1" : "0"]
        : ["freezer.state", isFrozen ? "FROZEN" : "THAWED"];
    const isThere = unlessMissing(() => {
      write(name, text);
      return true;
    });
    if (isThere === undefined) return;
    await waitUntil(`${isFrozen ? "stop" : "continue"} the processes in ${directory}`, () =>
      version === 2
        ? new RegExp(`^frozen ${text}$`, "m").test(read("cgroup.events") ?? `frozen ${text}`)
        : (read("freezer.state") ?? text).trim() === text,
    );
  };
  return {
    enter(pid) {
      mkdirSync(directory, { recursive: true });
      write("cgroup.procs", String(pid));
    },
    freeze: () => switchTo(true),
    thaw: () => switchTo(false),
    async kill() {
      // While they are stopped none of them can make others; what is frozen by version 1 ends only when it goes on.
      await switchTo(true);
      for (const pid of pids()) kill(pid);
      await switchTo(false);
      await waitUntil(`end the processes in ${directory}`, () => {
        const left = pids();
        for (const pid of left) kill(pid);
        return left.length === 0;
      });
    },
    async remove() {
      // It counts who has ended for a moment longer than it tells them.
      await waitUntil(`remove ${directory}`, () => {
        try {
          rmdirSync(directory);
          return true;
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code === "ENOENT") return true;
          if (code === "EBUSY") return false;
          throw error;
        }
      });
    },
  };
}

const PROBE = "coppice-probe-";
/** A probe takes milliseconds. */
const PROBE_MAX_MS = 60_000;

/** Removes what processes left that were killed while they tried. */
function clearProbes(parent: string): void {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(PROBE)))
    try {
      const directory = join(parent, name);
      if (Date.now() - statSync(directory).ctimeMs > PROBE_MAX_MS) rmdirSync(directory);
    } catch {
      // Somebody else has removed it, or is in it.
    }
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: string;
}

/** proc_pid_mountinfo(5): `36 35 98:0 /root /point rw,noatime master:1 - type source rw,options` */
function parseMount(line: string): Mount | undefined {
  const [before, after] = line.split(" - ");
  const [, , , root, point] = (before ?? "").split(" ");
  const [type, , options] = (after ?? "").split(" ");
  if (root === undefined || point === undefined || type === undefined) return undefined;
  return { root, point, type, options: options ?? "" };
}

/** `6:freezer:/path`; of version 2 `0::/path` */
function parseOwn(line: string): { readonly names: string; readonly path: string } | undefined {
  const match = /^[0-9]+:([^:]*):(.*)$/.exec(line);
  return match === null ? undefined : { names: match[1]!, path: match[2]! };
}

function unlessMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENODEV") return undefined;
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
