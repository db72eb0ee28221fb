/**
 * Isolation: namespaces of their own for a sandbox's commands, by bubblewrap, where that is asked for. It is an installed
 * program, not a dependency, and nothing is done without it in silence.
 */
import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { CoppiceError } from "../../model/error.js";
import { processPath } from "./environment.js";
import { findProgram } from "./find-program.js";

/** How commands are kept from what is not theirs. */
export type SandboxIsolation = "none" | "bubblewrap" | BubblewrapIsolation;

/** Commands have mount, process, IPC, host name and network namespaces of their own. */
export interface BubblewrapIsolation {
  /** Names it. */
  readonly kind: "bubblewrap";
  /**
   * Whether the sandbox's files are the root directory; it then has to have the programs that run, such as `/bin/sh`. Otherwise
   * they lie at `at`, and programs are the machine's, which nobody can write to.
   * @default false
   */
  readonly root?: boolean;
  /** The directory that the sandbox's files are seen at, absolute. @default "/workspace" */
  readonly at?: string;
  /** Whether commands have the machine's network. @default false: not even its loopback */
  readonly network?: boolean;
  /** Further directories and files of the machine that can be read, at the same paths; absolute. @default none */
  readonly readOnly?: readonly string[];
}

/** The same with nothing left to say. */
export type Isolation =
  | {
      /** Commands are this machine's, with the rights of this process. */
      readonly kind: "none";
    }
  | Required<BubblewrapIsolation>;

/** What programs need of a machine. Of `/etc` no more than that: it may hold keys. */
const SYSTEM = [
  ...["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"],
  ...["/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"],
  ...["/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/localtime"],
  ...["/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs", "/etc/ca-certificates"],
];

/** What the network needs beside. */
const NETWORK = ["/etc/hosts", "/etc/resolv.conf", "/etc/services", "/etc/protocols"];

/** What a root user inside may still do, so that files of all owners can be used; the rest is dropped (capabilities(7)). */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"];

/**
 * Returns what an option means.
 *
 * @throws {TypeError} where it means nothing
 */
export function checkIsolation(isolation: SandboxIsolation = "none"): Isolation {
  if (isolation === "none") return { kind: "none" };
  const given = isolation === "bubblewrap" ? { kind: "bubblewrap" as const } : isolation;
  if (given?.kind !== "bubblewrap")
    throw new TypeError(
      `Cannot use isolation ${JSON.stringify(isolation)}: give none or bubblewrap`,
    );
  const { root = false, at = root ? "/" : "/workspace", network = false, readOnly = [] } = given;
  for (const path of [at, ...readOnly])
    if (!path.startsWith("/") || path.split("/").includes("..") || path.includes("\0"))
      throw new TypeError(`Cannot use isolation: ${JSON.stringify(path)} is no absolute path`);
  if (root !== (join(at, "/") === "/"))
    throw new TypeError(
      `Cannot use isolation: the files are ${root ? "" : "not "}the root and lie at ${at}, give one of these`,
    );
  return { kind: "bubblewrap", root, at, network, readOnly: [...readOnly] };
}

/**
 * Finds bubblewrap.
 *
 * @throws {CoppiceError} UNSUPPORTED
 */
export function findBubblewrap(): string {
  const found = findProgram("bwrap", processPath(), ".");
  if (found !== undefined) return found;
  throw new CoppiceError(
    "UNSUPPORTED",
    "Cannot isolate commands: bwrap is not in PATH, install bubblewrap (apt install bubblewrap) or ask for no isolation",
  );
}

/** Where a command runs. */
export interface IsolatedPlace {
  /** The sandbox's files, from outside. */
  readonly files: string;
  /** The working directory, relative to these. */
  readonly directory: string;
  readonly hostname: string;
}

/** Returns the arguments of bubblewrap that come before a command. */
export function bubblewrapArguments(
  { root, at, network, readOnly }: Required<BubblewrapIsolation>,
  { files, directory, hostname }: IsolatedPlace,
): string[] {
  const shown = root ? readOnly : [...SYSTEM, ...(network ? NETWORK : []), ...readOnly];
  return [
    // A user without privileges needs a user namespace for the others; root has no need of one, which would hide owners.
    ...(process.geteuid?.() === 0 ? [] : ["--unshare-user"]),
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(network ? [] : ["--unshare-net"]),
    ...["--die-with-parent", "--new-session", "--hostname", hostname],
    ...["--cap-drop", "ALL"],
    ...(process.geteuid?.() === 0
      ? CAPABILITIES.flatMap((name) => ["--cap-add", `CAP_${name}`])
      : []),
    ...(root ? ["--bind", files, "/"] : ["--tmpfs", "/"]),
    ...shown.flatMap(show),
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
    ...(root ? [] : ["--bind", files, at]),
    ...["--chdir", join(at, directory).replace(/(?<=.)\/$/, ""), "--"],
  ];
}

/** What is a link on the machine is one inside, so that `/bin` is what it is there. */
function show(path: string): string[] {
  try {
    if (lstatSync(path).isSymbolicLink()) {
      const link = readlinkSync(path);
      // Into a directory that is shown; of `/etc` the file itself.
      if (!path.startsWith("/etc/")) return ["--symlink", link, path];
    }
  } catch {
    return [];
  }
  return ["--ro-bind-try", path, path];
}
