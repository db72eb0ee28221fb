/**
 * Archive tree: what an archive has in it, as far as it was read, entry by entry.
 *
 * It is a tree in memory of its own, and nothing is looked up but in it: what an entry names is a name in this tree or
 * nothing. A later entry replaces an earlier one as GNU tar has it: whatever is no directory, and a directory that is empty.
 *
 * Overlays could hold it, but their maps that share what forks have in common cost 20 µs and a kilobyte for each entry,
 * three times as much as this.
 */
import { NO_DIGEST } from "../model/digest.js";
import type { EntryAttributes } from "../model/entry.js";
import { NO_ATTRIBUTES } from "../model/entry.js";
import { NAME_BYTES_MAX } from "../model/limits.js";
import { encodeEntry } from "../tree/entry-codec.js";
import type { EntryPlace } from "./archive-error.js";
import { archiveDamaged, archiveTooLarge, archiveUnsafe } from "./archive-error.js";
import type { UnpackLimits } from "./unpack-options.js";

/** A directory. */
export interface ArchiveDirectory {
  readonly kind: "directory";
  readonly parent: ArchiveDirectory | undefined;
  /** As Latin-1; none of the root. */
  readonly name: string;
  /** Its record without what is below it; one of its own is made for what the archive has no entry for. */
  record: Buffer;
  /** By names as Latin-1. */
  readonly children: Map<string, ArchiveNode>;
  /** The number of the entry that it came with, 0 where it has none. Not its path, a view of bytes that would stay. */
  number: number;
}

/** Anything else: one object under all names that it has. */
export interface ArchiveLeaf {
  readonly kind: "file" | "symlink" | "special";
  /** Its record, under the name that it came with. */
  readonly record: Buffer;
  /** Of a symbolic link. */
  readonly target: Buffer | undefined;
  /** The number of the entry that it came with. */
  readonly number: number;
  /** Whether it was given more than one name. */
  isLinked: boolean;
}

export type ArchiveNode = ArchiveDirectory | ArchiveLeaf;

/** Memory for a node, beside its record. */
const NODE_BYTES = 150;
const SLASH = 0x2f;

/** Where an entry belongs. */
interface Spot {
  readonly directory: ArchiveDirectory;
  readonly name: string;
}

export class ArchiveTree {
  readonly root: ArchiveDirectory;
  readonly #limits: Required<UnpackLimits>;
  #nodes = 0;
  #bytes = 0;
  /** Where the last entry lay, and its path up to the last slash: the next one is mostly there too. */
  #last: { readonly prefix: string; readonly directory: ArchiveDirectory } | undefined;

  constructor(limits: Required<UnpackLimits>) {
    this.#limits = limits;
    this.root = directoryOf(undefined, "");
  }

  /** Takes a directory; one that is there gets its attributes. */
  putDirectory(path: Buffer, attributes: Omit<EntryAttributes, "name">, place: EntryPlace): void {
    const spot = this.#spotOf(path, place);
    const directory = spot === undefined ? this.root : this.#directoryAt(spot, place);
    directory.record = directoryRecord({ ...attributes, name: latin1(directory.name) });
    directory.number = place.number;
    this.#count(directory.record.length, place);
  }

  /** Takes something else under a name, which is free then, and returns the name's bytes for its record. */
  putLeaf(path: Buffer, place: EntryPlace, leafOf: (name: Buffer) => ArchiveLeaf): void {
    const spot = this.#spotOf(path, place);
    if (spot === undefined)
      throw archiveUnsafe("root", "is the archive's root, and no directory", place);
    this.#vacate(spot, place);
    const leaf = leafOf(latin1(spot.name));
    spot.directory.children.set(spot.name, leaf);
    this.#nodes++;
    this.#count(leaf.record.length + (leaf.target?.length ?? 0), place);
  }

  /** Gives what the archive had before another name. */
  putLink(path: Buffer, target: Buffer, place: EntryPlace): void {
    const leaf = this.#linked(target, place);
    const spot = this.#spotOf(path, place);
    if (spot === undefined)
      throw archiveUnsafe("root", "is the archive's root, and no directory", place);
    if (spot.directory.children.get(spot.name) === leaf) return;
    this.#vacate(spot, place);
    leaf.isLinked = true;
    spot.directory.children.set(spot.name, leaf);
    this.#nodes++;
    this.#count(0, place);
  }

  /** Returns what a hard link's path leads to; nothing outside of the tree, and nothing through links. */
  #linked(target: Buffer, place: EntryPlace): ArchiveLeaf {
    const path = target.toString("latin1");
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    if (path.startsWith("/") || names.includes(".."))
      throw archiveUnsafe("hard-link-outside", `is a hard link to ${quoted(target)}`, place);
    let node: ArchiveNode | undefined = this.root;
    for (const name of names) {
      if (node.kind === "symlink")
        throw archiveUnsafe(
          "through-link",
          `is a hard link to ${quoted(target)}, through a symbolic link`,
          place,
        );
      node = node.kind === "directory" ? node.children.get(name) : undefined;
      if (node === undefined)
        throw archiveUnsafe(
          "hard-link-missing",
          `is a hard link to ${quoted(target)}, which the archive did not have until then`,
          place,
        );
    }
    if (node.kind === "directory")
      throw archiveUnsafe(
        "hard-link-directory",
        `is a hard link to the directory ${quoted(target)}`,
        place,
      );
    return node;
  }

  /** Returns where a path belongs, `undefined` for the root. What is missing of directories on the way is made. */
  #spotOf(bytes: Buffer, place: EntryPlace): Spot | undefined {
    const { maxPathBytes } = this.#limits;
    if (bytes.length === 0) throw archiveDamaged("has no name", place);
    if (bytes.length > maxPathBytes)
      throw archiveTooLarge(
        "maxPathBytes",
        `has a path of ${bytes.length} bytes, more`,
        maxPathBytes,
        place,
      );
    if (bytes[0] === SLASH) throw archiveUnsafe("absolute-path", "has an absolute path", place);
    let end = bytes.length;
    while (bytes[end - 1] === SLASH) end--;
    const path = bytes.toString("latin1", 0, end);
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const prefix = path.slice(0, slash + 1);
    if (name !== "." && name !== ".." && this.#last?.prefix === prefix)
      return { directory: this.#last.directory, name: checkedName(name, place) };
    const names = path.split("/").filter((each) => each !== "" && each !== ".");
    if (names.includes("..")) throw archiveUnsafe("parent-path", "has .. in its path", place);
    const last = names.pop();
    if (last === undefined) return undefined;
    let directory = this.root;
    for (const each of names) directory = this.#below(directory, checkedName(each, place), place);
    if (name !== ".") this.#last = { prefix, directory };
    return { directory, name: checkedName(last, place) };
  }

  #below(directory: ArchiveDirectory, name: string, place: EntryPlace): ArchiveDirectory {
    const child = directory.children.get(name);
    if (child?.kind === "directory") return child;
    if (child?.kind === "symlink")
      throw archiveUnsafe(
        "through-link",
        `lies behind the symbolic link ${quoted(latin1(name))}`,
        place,
      );
    if (child !== undefined)
      throw archiveUnsafe(
        "through-file",
        `lies behind ${quoted(latin1(name))}, which is no directory`,
        place,
      );
    return this.#addDirectory({ directory, name }, place);
  }

  #directoryAt(spot: Spot, place: EntryPlace): ArchiveDirectory {
    const child = spot.directory.children.get(spot.name);
    if (child?.kind === "directory") return child;
    if (child !== undefined) this.#vacate(spot, place);
    return this.#addDirectory(spot, place);
  }

  #addDirectory({ directory, name }: Spot, place: EntryPlace): ArchiveDirectory {
    const made = directoryOf(directory, name);
    directory.children.set(name, made);
    this.#nodes++;
    this.#count(made.record.length, place);
    return made;
  }

  /** Takes away what has a name. */
  #vacate({ directory, name }: Spot, place: EntryPlace): void {
    const child = directory.children.get(name);
    if (child === undefined) return;
    if (child.kind === "directory" && child.children.size > 0)
      throw archiveUnsafe(
        "replaces-directory",
        "would replace a directory that is not empty",
        place,
      );
    directory.children.delete(name);
    this.#nodes--;
    this.#last = undefined;
  }

  #count(bytes: number, place: EntryPlace): void {
    const { maxEntries, maxMetadataBytes } = this.#limits;
    if (this.#nodes > maxEntries)
      throw archiveTooLarge("maxEntries", "makes it more entries", maxEntries, place);
    this.#bytes += bytes + NODE_BYTES;
    if (this.#bytes > maxMetadataBytes)
      throw archiveTooLarge(
        "maxMetadataBytes",
        "makes it more bytes of names and attributes",
        maxMetadataBytes,
        place,
      );
  }
}

/** What the archive has no entry for: the same whoever unpacks it and when. */
const IMPLICIT: Omit<EntryAttributes, "name"> = { ...NO_ATTRIBUTES, mode: 0o755 };

function directoryOf(parent: ArchiveDirectory | undefined, name: string): ArchiveDirectory {
  const record = directoryRecord({ ...IMPLICIT, name: latin1(name) });
  return { kind: "directory", parent, name, record, children: new Map(), number: 0 };
}

function directoryRecord(attributes: EntryAttributes): Buffer {
  const below = { tree: NO_DIGEST, stateTree: NO_DIGEST, entryCount: 0, totalBytes: 0 };
  return encodeEntry({ kind: "directory", ...attributes, ...below });
}

function checkedName(name: string, place: EntryPlace): string {
  if (name.length > NAME_BYTES_MAX)
    throw archiveDamaged(
      `has a name of ${name.length} bytes, more than any file system takes`,
      place,
    );
  return name;
}

function latin1(name: string): Buffer {
  return Buffer.from(name, "latin1");
}

function quoted(bytes: Buffer): string {
  return JSON.stringify(bytes.toString());
}
