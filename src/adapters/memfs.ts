/**
 * Memfs: an overlay with the calls of memfs's `vol`, for code and tests that were written for that package.
 *
 * Where the two differ, an overlay does as Linux does. Relative paths start at `/`, not where the process is.
 */
import { posix } from "node:path";
import type { Overlay } from "../overlay/overlay.js";
import type { NodeFs } from "./node-fs.js";
import { nodeFs } from "./node-fs.js";

/** Contents by path; `null` for an empty directory. */
export type DirectoryJson = Record<string, string | Buffer | null>;

/** Contents and directories by name; `null` for an empty directory. */
export interface NestedDirectoryJson {
  [name: string]: string | Buffer | null | NestedDirectoryJson;
}

/** An overlay in the shape of memfs's `vol`, which is that of node:fs with what follows. */
export type MemfsVolume = NodeFs & {
  /** Makes files, and the directories that they are in. @param cwd where relative paths start. @default "/" */
  readonly fromJSON: (json: DirectoryJson, cwd?: string) => void;
  /** The same from directories in directories. */
  readonly fromNestedJSON: (json: NestedDirectoryJson, cwd?: string) => void;
  /** As `fromJSON`, with the directory first. */
  readonly mountSync: (mountpoint: string, json: DirectoryJson) => void;
  /**
   * Returns the regular files with their contents, and the empty directories; links and what else there is are left out. Reads
   * every file.
   *
   * @param paths what is looked at; what is not there is left out. @default "/"
   * @param json what they are added to. @default a new object
   * @param isRelative whether paths are told from the one that was looked at. @default false
   * @param asBuffer whether contents come as bytes, rather than as text in UTF-8. @default false
   */
  readonly toJSON: (
    paths?: string | readonly string[],
    json?: DirectoryJson,
    isRelative?: boolean,
    asBuffer?: boolean,
  ) => DirectoryJson;
  /** Removes all that is in the overlay. Its root stays, and so do its snapshots. */
  readonly reset: () => void;
};

/**
 * Returns an overlay in the shape of memfs's `vol`, which its `fs` has too.
 *
 * @example
 * const vol = memfsVolume(store.overlay());
 * vol.fromJSON({ "src/a.ts": "export {};\n" }, "/project");
 * vol.toJSON(); // { "/project/src/a.ts": "export {};\n" }
 */
export function memfsVolume(overlay: Overlay): MemfsVolume {
  const { sync } = overlay;
  const fromJSON = (json: DirectoryJson, cwd = "/"): void => {
    for (const [name, content] of Object.entries(json)) {
      const path = posix.resolve("/", cwd, name);
      sync.mkdirSync(isContent(content) ? posix.dirname(path) : path, { recursive: true });
      if (isContent(content)) sync.writeFileSync(path, content);
    }
  };
  return {
    ...nodeFs(overlay),
    fromJSON,
    fromNestedJSON: (json, cwd) => fromJSON(flattened(json), cwd),
    mountSync: (mountpoint, json) => fromJSON(json, mountpoint),
    toJSON: (paths = "/", json = {}, isRelative = false, asBuffer = false) => {
      for (const path of [paths].flat()) {
        if (!sync.existsSync(path)) continue;
        const from = sync.realpathSync(path) as string;
        const base = isRelative ? from : "";
        addTo(json, overlay, from, { base, encoding: asBuffer ? null : "utf8" });
      }
      return json;
    },
    reset: () => {
      for (const name of sync.readdirSync("/") as string[])
        sync.rmSync(`/${name}`, { recursive: true });
    },
  };
}

function isContent(value: unknown): value is string | Buffer {
  return typeof value === "string" || value instanceof Uint8Array;
}

function addTo(
  json: DirectoryJson,
  { sync }: Overlay,
  first: string,
  { base, encoding }: { readonly base: string; readonly encoding: "utf8" | null },
): void {
  // What a path is under in the result.
  const told = (path: string) => (base === "" ? path : posix.relative(base, path));
  const pending = [first];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const stats = sync.lstatSync(path)!;
    if (stats.isFile()) {
      const name = path === base ? posix.basename(path) : told(path);
      json[name] = sync.readFileSync(path, encoding);
    } else if (stats.isDirectory()) {
      const names = sync.readdirSync(path) as string[];
      if (names.length === 0 && told(path) !== "") json[told(path)] = null;
      for (const name of names.reverse()) pending.push(posix.join(path, name));
    }
  }
}

function flattened(nested: NestedDirectoryJson): DirectoryJson {
  const flat: DirectoryJson = {};
  const add = (prefix: string, directory: NestedDirectoryJson): void => {
    for (const [name, value] of Object.entries(directory)) {
      const path = posix.join(prefix, name);
      const isDirectory = typeof value === "object" && value !== null && !isContent(value);
      if (isDirectory && Object.keys(value).length > 0) add(path, value);
      else flat[path] = isContent(value) ? value : null;
    }
  };
  add("", nested);
  return flat;
}
