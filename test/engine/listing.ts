/**
 * A directory as the system calls tell it, without the code that is tested: what a snapshot of it must
 * hold. Paths and names are bytes, written as Latin-1.
 */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Snapshot } from "#dist/snapshot/snapshot.js";

/** What one path is. */
export interface Listed {
  readonly kind: string;
  readonly mode: number;
  readonly owner: string;
  readonly mtimeNs: bigint;
  /** Size and SHA-256 of a file, target of a link; nothing for other kinds. */
  readonly content: string;
  /** The first path of the same file; a file of one name has none. */
  readonly link?: string;
}

/** By path; the directory itself is `""`. */
export type Listing = ReadonlyMap<string, Listed>;

/** What a touch would change, though the listing stays the same. */
export interface Identity {
  readonly ino: bigint;
  readonly ctimeNs: bigint;
}

/** Returns the path of an entry for system calls. */
export function entryPath(directory: string, path: string): Buffer {
  return Buffer.concat([
    Buffer.from(directory),
    Buffer.from(path === "" ? "" : `/${path}`, "latin1"),
  ]);
}

/** Returns what a directory holds, in the order of the paths' bytes. */
export function listTree(directory: string): Listing {
  const listing = new Map<string, Listed>();
  const groups = new Map<string, string[]>();
  for (const path of treePaths(directory)) {
    const stat = lstatSync(entryPath(directory, path), { bigint: true });
    if (!stat.isDirectory() && stat.nlink > 1n) {
      const group = groups.get(String(stat.ino)) ?? [];
      groups.set(String(stat.ino), [...group, path]);
    }
    listing.set(path, {
      kind: kindOf(stat),
      mode: Number(stat.mode & 0o7777n),
      owner: `${stat.uid}:${stat.gid}`,
      mtimeNs: stat.mtimeNs,
      content: contentOf(entryPath(directory, path), stat),
    });
  }
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    // The first of all paths as text: in a walk "a/a" comes before "a.".
    const first = group.toSorted()[0]!;
    for (const path of group) listing.set(path, { ...listing.get(path)!, link: first });
  }
  return listing;
}

/** Returns what a snapshot holds, read without restoring it; it does not tell which names are one file. */
export async function listSnapshot(snapshot: Snapshot): Promise<Listing> {
  const listing = new Map<string, Listed>();
  const entries = [await snapshot.stat("")];
  for await (const entry of snapshot.walk()) entries.push(entry);
  for (const entry of entries) {
    const { kind, pathBytes } = entry;
    let content = "";
    if (kind === "file") content = describeBytes(await snapshot.readFile(pathBytes));
    if (kind === "symlink") content = (await snapshot.readlink(pathBytes)).toString("latin1");
    listing.set(pathBytes.toString("latin1"), {
      kind,
      mode: entry.mode,
      owner: `${entry.uid}:${entry.gid}`,
      mtimeNs: entry.mtimeNs,
      content,
    });
  }
  return listing;
}

/** What of a listing is looked at. */
export interface LineOptions {
  /** Names of properties to leave out. */
  readonly without?: readonly (keyof Listed)[];
}

/** Returns a listing as lines to compare, sorted; a test that fails shows those that differ. */
export function lines(listing: Listing, { without = [] }: LineOptions = {}): string[] {
  return [...listing].map(([path, entry]) => `${path || "."} ${lineOf(entry, without)}`).sort();
}

/** Returns one entry as text. */
export function lineOf(entry: Listed, without: readonly (keyof Listed)[] = []): string {
  const parts = {
    kind: entry.kind,
    mode: entry.mode.toString(8),
    owner: entry.owner,
    mtimeNs: entry.mtimeNs,
    content: entry.content,
    link: entry.link === undefined ? "" : `one file with ${entry.link}`,
  };
  for (const each of without) delete (parts as Partial<typeof parts>)[each];
  return Object.values(parts)
    .filter((part) => part !== "")
    .join(" ");
}

/** Returns inode and change time of each path: what differs has been touched. */
export function identities(directory: string): ReadonlyMap<string, Identity> {
  const found = new Map<string, Identity>();
  for (const path of treePaths(directory)) {
    const { ino, ctimeNs } = lstatSync(entryPath(directory, path), { bigint: true });
    found.set(path, { ino, ctimeNs });
  }
  return found;
}

/** Returns how the listings tell of some bytes. */
export function describeBytes(bytes: Buffer): string {
  return `${bytes.length} bytes ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
}

/** Yields the paths in a directory, itself first, each before what is below it. */
function* treePaths(directory: string, path = ""): Generator<string> {
  yield path;
  if (!lstatSync(entryPath(directory, path)).isDirectory()) return;
  const names = readdirSync(entryPath(directory, path), "latin1");
  for (const name of names.sort())
    yield* treePaths(directory, path === "" ? name : `${path}/${name}`);
}

type Stat = ReturnType<typeof statOf>;
const statOf = (path: Buffer) => lstatSync(path, { bigint: true });

function kindOf(stat: Stat): string {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isFIFO()) return "fifo";
  if (stat.isCharacterDevice()) return "character-device";
  return stat.isBlockDevice() ? "block-device" : "socket";
}

function contentOf(path: Buffer, stat: Stat): string {
  if (stat.isFile()) return describeBytes(readFileSync(path));
  return stat.isSymbolicLink() ? readlinkSync(path, { encoding: "latin1" }) : "";
}
