/**
 * Upper scan: the tree of what an overlay shows, from the tree of the layers below and what its upper
 * directory changes.
 *
 * Costs what is in the upper directory: a look at each name, and reading what was touched since the last scan.
 * Below, only the directories are read in which something is another.
 *
 * Programs may be at work meanwhile. Each file is read between two looks at its status that agree; where what
 * was listed is not there any more, the scan fails with an error for which `isRace` holds.
 */
import type { DirectoryEntry, Entry } from "../model/entry.js";
import type { ChunkSink } from "../scan/chunk-pipeline.js";
import { ContentReader } from "../scan/content-reader.js";
import type { FileReaders } from "../scan/entry-reader.js";
import {
  attributes,
  readFile,
  specialRecord,
  UnstableFileError,
  xattrsOfDescriptor,
} from "../scan/entry-reader.js";
import { FileStatus } from "../scan/file-status.js";
import type { KnownChunks } from "../scan/known-chunks.js";
import { displayPath, joinPath, pathBytes, SourceDirectory } from "../scan/source-directory.js";
import { distrustRecent, lanesEqual } from "../scan/stat-lanes.js";
import { StatusReader } from "../scan/status-reader.js";
import type { SystemPath } from "../system/system-path.js";
import { editTree } from "../tree/edit-tree.js";
import { decodeEntry, encodeEntry } from "../tree/entry-codec.js";
import type { EncodedNode } from "../tree/node-codec.js";
import { encodeRoot } from "../tree/node-codec.js";
import type { Root } from "../tree/root.js";
import type { NodeSink } from "../tree/tree-builder.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { findRecord } from "../tree/tree-reader.js";
import { overlayNotes, visibleXattrs } from "./overlay-xattrs.js";
import { buildLinks } from "./upper-links.js";
import { UpperNames } from "./upper-names.js";

/** Where what is found goes. */
export interface UpperScanStore {
  /** Has the base's objects. */
  readonly objects: ObjectSource;
  readonly known: KnownChunks;
  readonly sink: ChunkSink;
  readonly nodes: NodeSink;
}

/** What an overlay shows. */
export interface UpperScanResult {
  readonly root: EncodedNode;
  readonly entryCount: number;
  readonly totalBytes: number;
  readonly filesRead: number;
  readonly bytesRead: number;
  /** Sockets, which snapshots do not keep. */
  readonly skipped: readonly SystemPath[];
  /** All names with what was found, for later scans. */
  readonly seen: ReadonlyMap<string, SeenName>;
}

/** A name that was looked at before; a whiteout has no record. */
export interface SeenName {
  readonly lanes: Uint32Array;
  readonly record: Buffer | undefined;
}

/** One scan. */
export class UpperScan {
  readonly seen = new Map<string, SeenName>();
  readonly #upper: string;
  readonly #base: Root;
  readonly #store: UpperScanStore;
  readonly #before: ReadonlyMap<string, SeenName>;
  readonly #status = new StatusReader();
  /** Made when the first file is to be read: it takes memory to read into. */
  #readers: FileReaders | undefined;
  readonly #names = new UpperNames();
  /** Paths by inode, of files that have several names. */
  readonly #linked = new Map<string, string[]>();
  readonly #sinceMs = Date.now();
  readonly #skipped: SystemPath[] = [];
  #filesRead = 0;
  #bytesRead = 0;

  constructor(
    upper: string,
    base: Root,
    store: UpperScanStore,
    before: ReadonlyMap<string, SeenName>,
  ) {
    this.#upper = upper;
    this.#base = base;
    this.#store = store;
    this.#before = before;
  }

  finish(): UpperScanResult {
    const status = FileStatus.ofPath(this.#upper);
    if (status === undefined) throw Object.assign(new Error("it is gone"), { code: "ENOENT" });
    const { record } = this.#directory("", status, this.#base.entry, undefined);
    this.#readers?.content.flush();
    const { objects, nodes } = this.#store;
    const links = buildLinks(objects, this.#base, this.#names, this.#linked.values(), nodes);
    const { entryCount, totalBytes } = decodeEntry(record) as DirectoryEntry;
    return {
      root: encodeRoot(record, links),
      entryCount,
      totalBytes,
      filesRead: this.#filesRead,
      bytesRead: this.#bytesRead,
      skipped: this.#skipped,
      seen: this.seen,
    };
  }

  /**
   * Returns the record of a directory of the upper one.
   *
   * @param parentBelow the directory below that the parent shows
   * @param name `undefined` for the root, whose directory below is `parentBelow` itself
   */
  #directory(
    path: SystemPath,
    listed: FileStatus,
    parentBelow: DirectoryEntry | undefined,
    name: SystemPath | undefined,
  ): { readonly record: Buffer; readonly isSame: boolean } {
    const key = keyOf(path);
    const edits = new Map<string, Buffer | undefined>();
    const below: { name: SystemPath; status: FileStatus }[] = [];
    const directory = SourceDirectory.at(joinPath(this.#upper, path));
    let isSame = true;
    let own: ReturnType<typeof attributes>;
    let tree: DirectoryEntry | undefined;
    let status: FileStatus;
    try {
      status = this.#status.ofDescriptor(directory.descriptor);
      if (status.identity !== listed.identity) throw changed(path);
      const xattrs = xattrsOfDescriptor(directory.descriptor);
      const notes = overlayNotes(xattrs);
      own = attributes(name === undefined ? EMPTY : pathBytes(name), status, visibleXattrs(xattrs));
      this.#names.set(key, { kind: "directory", ...notes });
      tree =
        name === undefined
          ? parentBelow
          : notes.isOpaque
            ? undefined
            : this.#directoryBelow(parentBelow, notes.redirect ?? pathBytes(name));
      const names = directory.names();
      const statuses = this.#status.statuses(directory, names);
      for (const [position, child] of names.entries()) {
        const found = statuses[position];
        if (!(found instanceof FileStatus)) throw found ?? changed(joinPath(path, child));
        if (found.isDirectory) below.push({ name: child, status: found });
        else if (!this.#entry(path, directory, child, found, edits)) isSame = false;
      }
    } finally {
      directory.close();
    }
    for (const child of below) {
      const childPath = joinPath(path, child.name);
      const result = this.#directory(childPath, child.status, tree, child.name);
      edits.set(keyOf(child.name), result.record);
      if (!result.isSame) isSame = false;
    }
    const before = this.#before.get(key);
    const isAsBefore =
      isSame && before?.record !== undefined && lanesEqual(before.lanes, 0, status.lanes, 0);
    const record = isAsBefore
      ? before.record
      : encodeEntry({ kind: "directory", ...own, ...this.#build(tree, edits) });
    this.#note(key, status, record);
    return { record, isSame: isAsBefore };
  }

  #build(below: DirectoryEntry | undefined, edits: ReadonlyMap<string, Buffer | undefined>) {
    if (edits.size === 0 && below !== undefined) {
      const { tree, stateTree, entryCount, totalBytes } = below;
      return { tree, stateTree, entryCount, totalBytes };
    }
    const { objects, nodes } = this.#store;
    const built = editTree(objects, below?.tree, edits, nodes);
    const { digest, stateDigest, entryCount, totalBytes } = built;
    return { tree: digest, stateTree: stateDigest, entryCount, totalBytes };
  }

  /** Adds a name that is no directory to the edits; returns whether it is what it was. */
  #entry(
    parent: SystemPath,
    directory: SourceDirectory,
    name: SystemPath,
    status: FileStatus,
    edits: Map<string, Buffer | undefined>,
  ): boolean {
    const path = joinPath(parent, name);
    const key = keyOf(path);
    const before = this.#before.get(key);
    const isSame = before !== undefined && lanesEqual(before.lanes, 0, status.lanes, 0);
    if (status.isWhiteout) {
      this.#names.set(key, { kind: "whiteout" });
      edits.set(keyOf(name), undefined);
      this.#note(key, status, undefined);
      return isSame;
    }
    this.#names.set(key, { kind: "entry" });
    let record = isSame ? before.record : undefined;
    let now = status;
    if (record === undefined && status.isFile) {
      const { known, sink } = this.#store;
      this.#readers ??= {
        content: new ContentReader(known, sink),
        status: this.#status,
        ownXattrs: visibleXattrs,
      };
      const read = readFile(this.#readers, directory, name, status);
      this.#filesRead++;
      this.#bytesRead += read.bytesRead;
      record = read.record;
      now = read.status;
    }
    record ??= specialRecord(directory.child(name), pathBytes(name), status, visibleXattrs);
    edits.set(keyOf(name), record);
    if (record === undefined) this.#skipped.push(path);
    else if (now.nlink > 1) this.#addLink(now.identity, key);
    this.#note(key, now, record);
    return isSame;
  }

  /** Returns the directory below that a name shows; a redirect may lead elsewhere. */
  #directoryBelow(parent: DirectoryEntry | undefined, place: Buffer): DirectoryEntry | undefined {
    const isAbsolute = place[0] === SLASH;
    let at: Entry | undefined = isAbsolute ? this.#base.entry : parent;
    const names = isAbsolute ? splitPath(place.subarray(1)) : [place];
    for (const name of names) {
      if (at?.kind !== "directory") return undefined;
      const record = findRecord(this.#store.objects, at.tree, name);
      at = record === undefined ? undefined : decodeEntry(record);
    }
    return at?.kind === "directory" ? at : undefined;
  }

  #addLink(identity: string, path: string): void {
    const paths = this.#linked.get(identity);
    if (paths === undefined) this.#linked.set(identity, [path]);
    else paths.push(path);
  }

  #note(key: string, status: FileStatus, record: Buffer | undefined): void {
    const lanes = Uint32Array.from(status.lanes);
    distrustRecent(lanes, 0, this.#sinceMs);
    this.seen.set(key, { lanes, record });
  }
}

const EMPTY = Buffer.alloc(0);
const SLASH = 0x2f;

function keyOf(path: SystemPath): string {
  return pathBytes(path).toString("latin1");
}

function splitPath(path: Buffer): Buffer[] {
  return path
    .toString("latin1")
    .split("/")
    .map((name) => Buffer.from(name, "latin1"));
}

function changed(path: SystemPath): Error {
  const message = `${displayPath(path)} changes while it is read`;
  return Object.assign(new Error(message), { code: "ESTALE" });
}

/** Whether what was found is not there any more, as programs at work bring about. */
export function isRace(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    error instanceof UnstableFileError ||
    ["ENOENT", "ENOTDIR", "ELOOP", "ESTALE", "ENXIO"].includes(code ?? "")
  );
}
