/**
 * List directory: the names in a directory, or in all that are below it too.
 */
import { posix } from "node:path";
import { OverlayDirent } from "../directory-entry.js";
import type { OverlayTree } from "../overlay-tree.js";
import { list } from "./inode-calls.js";
import { encoded, textOf } from "./path-bytes.js";

/** How names are listed. */
export interface ReaddirOptions {
  /** @default "utf8" */
  readonly encoding?: BufferEncoding | "buffer" | null | undefined;
  /** Whether what they are is told with them. @default false */
  readonly withFileTypes?: boolean | undefined;
  /** Whether what is in directories below is listed too, by its path from the first. @default false */
  readonly recursive?: boolean | undefined;
}

/** That names come as text, alone. */
export type ListNames =
  | BufferEncoding
  | null
  | (ReaddirOptions & {
      /** @default "utf8" */
      readonly encoding?: BufferEncoding | null | undefined;
      /** Whether what they are is told with them. */
      readonly withFileTypes?: false | undefined;
    });

/** That names come as bytes, alone. */
export type ListBuffers =
  | "buffer"
  | (ReaddirOptions & {
      /** Of the names. */
      readonly encoding: "buffer";
      /** Whether what they are is told with them. */
      readonly withFileTypes?: false | undefined;
    });

/** That names come as text, with what they are. */
export type ListEntries = ReaddirOptions & {
  /** @default "utf8" */
  readonly encoding?: BufferEncoding | null | undefined;
  /** Whether what they are is told with them. */
  readonly withFileTypes: true;
};

/** That names come as bytes, with what they are. */
export type ListBufferEntries = ReaddirOptions & {
  /** Of the names. */
  readonly encoding: "buffer";
  /** Whether what they are is told with them. */
  readonly withFileTypes: true;
};

/** What is listed of a name. */
export type Listed = string | Buffer | OverlayDirent | OverlayDirent<Buffer>;

/** Returns what is in a directory, sorted by the bytes of the names. */
export function listDirectory(
  tree: OverlayTree,
  path: string,
  { encoding, withFileTypes = false, recursive = false }: ReaddirOptions,
): Listed[] {
  if (!recursive && !withFileTypes)
    return list(tree, path).names.map((name) => encoded(name, encoding));
  const found: Listed[] = [];
  // No recursion: a path of 4,096 bytes may have 2,000 names.
  const pending = [{ path, prefix: "" }];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { names, kindOf } = list(tree, next.path);
    for (const name of names) {
      const kind = kindOf(name);
      found.push(
        withFileTypes
          ? (new OverlayDirent(encoded(name, encoding), textOf(next.path), kind) as Listed)
          : encoded(next.prefix + name, encoding),
      );
      if (recursive && kind === "directory")
        // With the dots taken out, as node:fs goes on: `a/..` and `b` make `b`.
        pending.push({ path: posix.join(next.path, name), prefix: `${next.prefix}${name}/` });
    }
  }
  return found;
}
