/**
 * Vfs: an overlay as a provider of virtual file systems, which the package @platformatic/vfs and Node's module node:vfs mount.
 *
 * Both take only what is of their own class VirtualProvider, so it is handed in: nothing is imported from either.
 */
import type { Overlay } from "../overlay/overlay.js";
import type { SyncFiles } from "../overlay/sync-files.js";

/**
 * Returns an overlay as a provider. Its root is the directory that is mounted, and absolute symbolic links start there.
 * Watching is not supported, as in an overlay.
 *
 * @param VirtualProvider the class of that name, from the package or module that will mount it
 * @example
 * import { create, VirtualProvider } from "@platformatic/vfs";
 *
 * const files = create(vfsProvider(VirtualProvider, store.overlay("before"))).mount("/project");
 * files.readFileSync("/project/package.json", "utf8");
 */
export function vfsProvider<Provider extends object>(
  VirtualProvider: new () => Provider,
  overlay: Overlay,
): Provider {
  const { sync } = overlay;
  const provider = new VirtualProvider();
  const values: Record<string, unknown> = { readonly: false, supportsSymlinks: true };
  for (const name of PATH_CALLS) add(values, name, callOf(sync, `${name}Sync`));
  add(values, "open", (path, flags, mode) =>
    handleOf(sync, { path: path as string, flags: (flags ?? "r") as string, mode: mode as number }),
  );
  values.internalModuleStat = (path: string) => moduleStat(sync, path);
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(provider, name, { value, writable: true, configurable: true });
  return provider;
}

/** The calls of a provider that are those of node:fs, on paths. */
const PATH_CALLS = [
  ...["access", "appendFile", "chmod", "chown", "copyFile", "exists", "lchown", "link", "lstat"],
  ...["lutimes", "mkdir", "readFile", "readdir", "readlink", "realpath", "rename", "rm", "rmdir"],
  ...["stat", "symlink", "truncate", "unlink", "utimes", "writeFile"],
];

/** The calls of an open file, by those of node:fs on descriptors. */
const DESCRIPTOR_CALLS: Readonly<Record<string, string>> = {
  appendFile: "appendFileSync",
  chmod: "fchmodSync",
  chown: "fchownSync",
  datasync: "fdatasyncSync",
  readFile: "readFileSync",
  stat: "fstatSync",
  sync: "fsyncSync",
  truncate: "ftruncateSync",
  utimes: "futimesSync",
  writeFile: "writeFileSync",
};

/** The calls that move bytes, and what they tell how many there were as. */
const TRANSFERS: readonly (readonly [name: string, told: string, given: string])[] = [
  ["read", "bytesRead", "buffer"],
  ["readv", "bytesRead", "buffers"],
  ["write", "bytesWritten", "buffer"],
  ["writev", "bytesWritten", "buffers"],
];

type Call = (...parameters: unknown[]) => unknown;

/** What a file was opened with. */
interface Opening {
  readonly path: string;
  readonly flags: string | number;
  readonly mode: number | undefined;
}

/** Adds a call that gives its outcome at once, and one that promises it. */
function add(target: Record<string, unknown>, name: string, call: Call): void {
  target[`${name}Sync`] = call;
  target[name] = async (...parameters: unknown[]) => call(...parameters);
}

function callOf(sync: SyncFiles, name: string): Call {
  return (sync[name as keyof SyncFiles] as Call).bind(sync);
}

/** Opens a file. Closing it twice does nothing, as with the handles of these packages. */
function handleOf(sync: SyncFiles, { path, flags, mode }: Opening): object {
  const descriptor = sync.openSync(path, flags, mode);
  const handle: Record<string, unknown> = { path, flags, mode: mode ?? 0o666, closed: false };
  for (const [name, of] of Object.entries(DESCRIPTOR_CALLS))
    add(handle, name, (...parameters) => callOf(sync, of)(descriptor, ...parameters));
  for (const [name, told, given] of TRANSFERS) {
    const call = callOf(sync, `${name}Sync`);
    handle[`${name}Sync`] = (...parameters: unknown[]) => call(descriptor, ...parameters);
    handle[name] = async (...parameters: unknown[]) => ({
      [told]: call(descriptor, ...parameters),
      [given]: parameters[0],
    });
  }
  add(handle, "close", () => {
    if (handle.closed === true) return;
    handle.closed = true;
    sync.closeSync(descriptor);
  });
  return handle;
}

/** What Node's module loader asks of a path: 0 for a file, 1 for a directory, less for what is not there. */
function moduleStat(sync: SyncFiles, path: string): number {
  const stats = sync.statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return -2;
  return stats.isDirectory() ? 1 : 0;
}
