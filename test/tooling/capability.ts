/**
 * What the machine running the tests can do, found by trying it, never by asking for a platform.
 *
 * Files are tried in `os.tmpdir()`, where the tests put theirs.
 */
import { execFileSync } from "node:child_process";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCgroups } from "#dist/sandbox/processes/cgroup.js";
import { systemCalls } from "#dist/system/system-calls.js";
import { type LoopFileSystemType, makeLoopFileSystem } from "../support/loop-file-system.js";

/** Tries one ability in an empty directory; throws when the machine lacks it. */
type Probe = (directory: string) => void;

const probes = {
  /** `setfacl` and `getfacl`, and a file system that keeps access control lists. */
  acl: (directory) => {
    run("setfacl", "--modify", "user:12345:r", directory);
    run("getfacl", "--numeric", directory);
  },
  /** libarchive's tar. */
  bsdtar: () => run("bsdtar", "--version"),
  /** `bwrap`, and being allowed the namespaces that it makes. */
  bubblewrap: () =>
    run(
      "bwrap",
      ...["--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--proc", "/proc", "true"],
    ),
  /** File names that are not UTF-8 (APFS refuses them). */
  "byte-names": (directory) => mkdirSync(Buffer.from(`${directory}/\xff`, "latin1")),
  /** Stopping processes by a control group of version 2. */
  cgroup: () => makeCgroup(2, "cgroup.freeze"),
  /** The same by one of version 1. */
  "cgroup-v1": () => makeCgroup(1, "freezer.state"),
  /** Making device nodes: root with CAP_MKNOD. */
  devices: (directory) => run("mknod", join(directory, "null"), "c", "1", "3"),
  /** Mounting EROFS images straight from files: Linux 6.12 with CONFIG_EROFS_FS_BACKED_BY_FILE. */
  erofs: (directory) => {
    const image = join(directory, "image");
    writeFileSync(image, tinyImage());
    const system = systemCalls();
    if ("unavailable" in system) throw new Error(system.unavailable);
    const target = join(directory, "target");
    mkdirSync(target);
    system.mountWith("erofs", [["source", image]], target, 1);
    system.unmount(target);
  },
  /** `fsck.erofs` and `dump.erofs`. */
  "erofs-utils": () => {
    run("fsck.erofs", "-V");
    run("dump.erofs", "-V");
  },
  /** The optional dependency that makes system calls. */
  koffi: () => createRequire(import.meta.url)("koffi"),
  /** Mounting btrfs from a file: `mkfs.btrfs`, loop devices, and a kernel that knows it. */
  "loop-btrfs": (directory) => shareBlocks("btrfs", directory),
  /** Mounting ext4 from a file, and having it become read-only: `mkfs.ext4`, loop devices, and a kernel that knows it. */
  "loop-ext4": () => {
    const system = makeLoopFileSystem("ext4");
    try {
      system.turnReadOnly();
    } finally {
      system.remove();
    }
  },
  /** Mounting XFS from a file: `mkfs.xfs`, loop devices, and a kernel that knows it. */
  "loop-xfs": (directory) => shareBlocks("xfs", directory),
  /** Mounting a tmpfs: root with CAP_SYS_ADMIN. */
  mount: (directory) => {
    run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory);
    run("umount", directory);
  },
  /** Node's own virtual file systems: a version that has them, started with `--experimental-vfs`. */
  "node-vfs": () => createRequire(import.meta.url)("node:vfs"),
  /** Mounting an overlay of the kernel's that is written to where the tests put their files. */
  overlay: (directory) => {
    const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) =>
      join(directory, name),
    ) as [string, string, string, string];
    for (const each of [lower, upper, work, merged]) mkdirSync(each);
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},redirect_dir=on`;
    run("mount", "-t", "overlay", "-o", options, "coppice", merged);
    run("umount", merged);
  },
  /** @platformatic/vfs, which needs Node.js 22. */
  "platformatic-vfs": () => createRequire(import.meta.url)("@platformatic/vfs"),
  /** Setting owners and reading every file. */
  root: () => {
    const uid = process.geteuid?.();
    if (uid !== 0) throw new Error(`running as uid ${uid}`);
  },
  /** GNU tar. */
  tar: () => {
    const version = execFileSync("tar", ["--version"], { encoding: "utf8" });
    if (!version.startsWith("tar (GNU tar)"))
      throw new Error(`tar is ${firstLine({ message: version })}`);
  },
  /** The independent tools that results are compared with: GNU diff, find and stat, getfattr. */
  tools: (directory) => {
    run("diff", "--no-dereference", "--recursive", directory, directory);
    run("find", directory, "-printf", "%p %m %T@\\n");
    run("stat", "--format", "%n %Y", directory);
    run("getfattr", "--dump", "--match", "-", directory);
  },
  /** The command line of zstd. */
  zstd: () => run("zstd", "--version"),
  /** `setfattr`, and a file system that keeps extended attributes in the user namespace. */
  xattr: (directory) => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    run("setfattr", "--name", "user.coppice", "--value", "1", file);
  },
} satisfies Record<string, Probe>;

/** The name of something that not every machine can do. */
export type CapabilityName = keyof typeof probes;

/** Whether the machine can do it, and if not, why. */
export interface Capability {
  readonly available: boolean;
  /** What stood in the way, on one line; `"available"` if nothing did. */
  readonly reason: string;
}

const known = new Map<CapabilityName, Capability>();

/** Returns whether this machine has the capability. It is tried once in each process. */
export function capability(name: CapabilityName): Capability {
  const found = known.get(name) ?? attempt(probes[name]);
  known.set(name, found);
  return found;
}

/**
 * Returns the capabilities in a list like `koffi,root`.
 *
 * @throws {RangeError} when a name is not known: a typing error must not weaken a requirement.
 */
export function parseCapabilities(list: string): readonly CapabilityName[] {
  return list.split(",").filter(Boolean).map(parseName);
}

function parseName(name: string): CapabilityName {
  if (Object.hasOwn(probes, name)) return name as CapabilityName;
  throw new RangeError(`Cannot probe "${name}": known are ${Object.keys(probes).join(", ")}`);
}

function attempt(probe: Probe): Capability {
  const directory = mkdtempSync(join(tmpdir(), "coppice-probe-"));
  try {
    probe(directory);
    return { available: true, reason: "available" };
  } catch (error) {
    return { available: false, reason: firstLine(error) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Returns an EROFS image with an empty directory, made by hand. */
function tinyImage(): Buffer {
  const image = Buffer.alloc(8192);
  image.writeUInt32LE(0xe0f5_e1e2, 1024);
  image.writeUInt8(12, 1024 + 12);
  image.writeUInt16LE(4096 / 32, 1024 + 14);
  image.writeUInt32LE(2, 1024 + 36);
  const inode = image.subarray(4096);
  inode.writeUInt16LE(2 << 1, 0);
  inode.writeUInt16LE(0o040_755, 4);
  inode.writeUInt16LE(2, 6);
  inode.writeUInt32LE(2 * 12 + 3, 8);
  for (const [at, nameAt] of [
    [32, 24],
    [44, 25],
  ] as const) {
    inode.writeUInt32LE(4096 / 32, at);
    inode.writeUInt16LE(nameAt, at + 8);
    inode.writeUInt8(2, at + 10);
  }
  inode.write("...", 32 + 24);
  return image;
}

/** Makes a control group below the own one, and looks whether it has a file. */
function makeCgroup(version: 1 | 2, file: string): void {
  const own = findCgroups(version);
  if ("reason" in own) throw new Error(own.reason);
  const made = join(own.directory, `coppice-probe-${process.pid}`);
  mkdirSync(made);
  try {
    accessSync(join(made, file), constants.W_OK);
  } finally {
    rmdirSync(made);
  }
}

/** Makes a file system and has two of its files share their blocks. */
function shareBlocks(type: LoopFileSystemType, directory: string): void {
  const original = join(directory, "original");
  writeFileSync(original, Buffer.alloc(2 ** 16, 1));
  const made = makeLoopFileSystem(type);
  try {
    const copy = join(made.directory, "copy");
    run("cp", original, copy);
    run("cp", "--reflink=always", copy, `${copy}-again`);
  } finally {
    made.remove();
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
}

/** What the tool said, or else what the error says. */
function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split("\n", 1)[0] ?? "";
}
