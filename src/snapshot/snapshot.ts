/**
 * Snapshot: an immutable state of a directory, readable without restoring it.
 */
import { Readable } from "node:stream";
import picomatch from "picomatch";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { parentsOf } from "../catalog/snapshot-table.js";
import type { Digest } from "../model/digest.js";
import { formatDigest } from "../model/digest.js";
import type { DirectoryEntry, Entry, FileEntry } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import type { TreePath } from "../model/tree-path.js";
import { parseTreePath } from "../model/tree-path.js";
// biome-ignore lint/style/noRestrictedImports: the type alone, for `overlayOf`
import type { Overlay } from "../overlay/overlay.js";
import type { ChunkSource } from "../tree/content-reader.js";
import { readContent, readRange } from "../tree/content-reader.js";
import { decodeEntry } from "../tree/entry-codec.js";
import { decodeRoot } from "../tree/node-codec.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { findRecord, treeEntries } from "../tree/tree-reader.js";
import type { Engine } from "./engine.js";
import type { EntryInfo } from "./entry-info.js";
import { entryInfo } from "./entry-info.js";
import { findSnapshot } from "./find-snapshot.js";

/** A range of a file. */
export interface ReadRange {
  /** First byte. @default 0 */
  readonly start?: number;
  /** The byte after the last one. @default the file's size */
  readonly end?: number;
}

/** What `walk` visits. */
export interface WalkOptions {
  /** Where to start. @default the root */
  readonly path?: TreePath;
  /** Only entries whose path, relative to the root, matches: a glob as in `src/**\/*.ts`, or several. */
  readonly glob?: string | readonly string[];
}

/** What a snapshot works with. */
export type SnapshotEngine = Pick<Engine, "catalog" | "objects" | "overlayOf">;

/** How many operations the reader waits for before the event loop gets its turn in `walk`. */
const WALK_TURN_ENTRIES = 1_000;

/**
 * One captured state of a directory. Its properties are a copy made when it was looked up; its contents
 * are read from the store on demand, which must be open and still have it.
 *
 * @example
 * const snapshot = await store.get("before");
 * for await (const { path, sizeBytes } of snapshot.walk({ glob: "**\/*.md" })) console.log(path, sizeBytes);
 */
export class Snapshot {
  /** 16 characters, the store's own name for it. */
  readonly id: string;
  /** Content address of the whole state: equal for two captures of the same state. */
  readonly digest: Digest;
  /** The same without times and owners: equal for two branches that reached the same files. */
  readonly stateDigest: Digest;
  /** Id of the snapshot that it follows, as given to the capture or by the removal of one in between; of a merge, the first one. */
  readonly parent: string | undefined;
  /** Ids of all snapshots that it follows: none, `parent`, or for a merge `parent` and the other ones. */
  readonly parents: readonly string[];
  /** Unique in the store, 1 to 255 characters. */
  readonly name: string | undefined;
  /** Free words, as given to the capture; empty where there were none. */
  readonly labels: Readonly<Record<string, string>>;
  /** The directory that was captured. */
  readonly source: string;
  /** When the capture had read everything, by the system clock, to the millisecond. */
  readonly createdAt: Date;
  /** Entries in it, the captured directory itself not counted. */
  readonly entryCount: number;
  /** Sum of the sizes of all files, each name counted. */
  readonly totalBytes: number;
  /** When content was erased from it last (`Store.erase`); `undefined` where none was. */
  readonly erasedAt: Date | undefined;
  readonly #engine: SnapshotEngine;
  readonly #objects: ChunkSource;
  readonly #rootDigest: Buffer;

  /** @internal Snapshots come from a store; see `Store.snapshot` and `Store.get`. */
  constructor(row: SnapshotRow, engine: SnapshotEngine) {
    this.id = row.id;
    this.digest = formatDigest(row.digest);
    this.stateDigest = formatDigest(row.stateDigest);
    this.parent = row.parent;
    this.parents = parentsOf(row);
    this.name = row.name;
    this.labels = row.labels;
    this.source = row.source;
    this.createdAt = new Date(row.createdMs);
    this.entryCount = row.entryCount;
    this.totalBytes = row.totalBytes;
    this.erasedAt = row.erasedMs === undefined ? undefined : new Date(row.erasedMs);
    this.#engine = engine;
    this.#objects = engine.objects;
    this.#rootDigest = row.digest;
  }

  /**
   * Returns the snapshots that it comes from, through whatever parent, newest first and each once; itself is none of them.
   *
   * Costs a look at the catalog for each of them.
   *
   * @throws {CoppiceError} STORE_CLOSED, CORRUPT, IO
   * @example
   * for (const { id, name } of await snapshot.lineage()) console.log(id, name);
   */
  async lineage(): Promise<Snapshot[]> {
    const { catalog } = this.#engine;
    return catalog.snapshots.ancestorsOf(this.id).map((row) => new Snapshot(row, this.#engine));
  }

  /**
   * Returns a writable view of it in memory, with the calls of node:fs/promises. Costs reading one object.
   *
   * @throws {CoppiceError} CORRUPT, STORE_CLOSED
   * @example
   * const overlay = snapshot.overlay();
   * await overlay.writeFile("/a.txt", "a");
   */
  overlay(): Overlay {
    const { catalog, overlayOf } = this.#engine;
    if (overlayOf === undefined) throw new Error("The store makes overlays");
    return overlayOf(findSnapshot(catalog.snapshots, this.id));
  }

  /**
   * Returns what a path is, without following a symbolic link. Reads a node for each directory on the way.
   *
   * @throws {CoppiceError} NOT_FOUND, INVALID_ARGUMENT, CORRUPT
   */
  async stat(path: TreePath): Promise<EntryInfo> {
    const names = parseTreePath(path);
    return entryInfo(this.#find(names), joinNames(names));
  }

  /**
   * Returns the entries of a directory, sorted by the bytes of their names.
   *
   * @throws {CoppiceError} NOT_FOUND, NOT_A_DIRECTORY, INVALID_ARGUMENT, CORRUPT
   */
  async readdir(path: TreePath = ""): Promise<EntryInfo[]> {
    const names = parseTreePath(path);
    const directory = this.#directory(names);
    return [...treeEntries(this.#objects, directory.tree)].map((entry) =>
      entryInfo(entry, joinNames([...names, entry.name])),
    );
  }

  /**
   * Returns the bytes of a file, or of a range of it. Holes read as zeros.
   *
   * @throws {CoppiceError} NOT_FOUND, INVALID_ARGUMENT where the path is no regular file, CORRUPT
   * @throws {RangeError} where the range is not within the file
   */
  async readFile(path: TreePath, range: ReadRange = {}): Promise<Buffer> {
    const { entry, start, end } = this.#fileRange(path, range);
    const bytes = Buffer.allocUnsafe(end - start);
    readRange(this.#objects, entry.content, entry.sizeBytes, start, bytes);
    return bytes;
  }

  /**
   * Returns a stream of a file's bytes, or of a range of it. Errors come as the stream's `error`.
   */
  createReadStream(path: TreePath, range: ReadRange = {}): Readable {
    return Readable.from(
      deferred(() => this.#pieces(path, range)),
      { objectMode: false },
    );
  }

  /**
   * Returns where a symbolic link points, as bytes.
   *
   * @throws {CoppiceError} NOT_FOUND, INVALID_ARGUMENT where the path is no symbolic link, CORRUPT
   */
  async readlink(path: TreePath): Promise<Buffer> {
    const entry = this.#find(parseTreePath(path));
    if (entry.kind !== "symlink") throw wrongKind(path, entry, "a symbolic link");
    return Buffer.from(entry.target);
  }

  /**
   * Yields everything below a path in depth-first order, each directory before what is in it, names
   * sorted by their bytes. Lazy: reads a directory when it comes to it.
   *
   * @throws {CoppiceError} NOT_FOUND, NOT_A_DIRECTORY, INVALID_ARGUMENT, CORRUPT
   */
  async *walk(options: WalkOptions = {}): AsyncGenerator<EntryInfo> {
    const names = parseTreePath(options.path ?? "");
    const matches =
      options.glob === undefined ? () => true : picomatch([options.glob].flat(), { dot: true });
    let count = 0;
    for (const info of walkEntries(this.#objects, this.#directory(names).tree, joinNames(names))) {
      if (++count % WALK_TURN_ENTRIES === 0) await new Promise(setImmediate);
      if (matches(info.path)) yield info;
    }
  }

  *#pieces(path: TreePath, range: ReadRange): Generator<Buffer> {
    const { entry, start, end } = this.#fileRange(path, range);
    yield* readContent(this.#objects, entry.content, entry.sizeBytes, start, end);
  }

  #fileRange(
    path: TreePath,
    range: ReadRange,
  ): { readonly entry: FileEntry; readonly start: number; readonly end: number } {
    const entry = this.#find(parseTreePath(path));
    if (entry.kind !== "file") throw wrongKind(path, entry, "a regular file");
    const { start = 0, end = entry.sizeBytes } = range;
    if (!(start >= 0 && start <= end && end <= entry.sizeBytes)) {
      throw new RangeError(`Cannot read bytes ${start} to ${end}: the file has ${entry.sizeBytes}`);
    }
    return { entry, start, end };
  }

  #directory(names: readonly Buffer[]): DirectoryEntry {
    const entry = this.#find(names);
    if (entry.kind !== "directory") {
      const path = joinNames(names).toString();
      throw new CoppiceError(
        "NOT_A_DIRECTORY",
        `Cannot list ${path}: it is a ${entry.kind}, give a directory`,
        { path },
      );
    }
    return entry;
  }

  #find(names: readonly Buffer[]): Entry {
    let entry = decodeEntry(decodeRoot(this.#objects.readObject(this.#rootDigest)).record);
    for (const [index, name] of names.entries()) {
      const record =
        entry.kind === "directory" ? findRecord(this.#objects, entry.tree, name) : undefined;
      if (record === undefined) {
        const path = joinNames(names.slice(0, index + 1)).toString();
        throw new CoppiceError(
          "NOT_FOUND",
          `Cannot find ${path} in snapshot ${this.id}: there is no such entry, list its directory`,
          { path },
        );
      }
      entry = decodeEntry(record);
    }
    return entry;
  }
}

function* walkEntries(objects: ObjectSource, tree: Buffer, path: Buffer): Generator<EntryInfo> {
  for (const entry of treeEntries(objects, tree)) {
    const entryPath = path.length === 0 ? entry.name : Buffer.concat([path, SLASH, entry.name]);
    yield entryInfo(entry, entryPath);
    if (entry.kind === "directory") yield* walkEntries(objects, entry.tree, entryPath);
  }
}

function joinNames(names: readonly Buffer[]): Buffer {
  return Buffer.concat(names.flatMap((name, index) => (index === 0 ? [name] : [SLASH, name])));
}

function wrongKind(path: TreePath, entry: Entry, wanted: string): CoppiceError {
  const text = path.toString();
  return new CoppiceError(
    "INVALID_ARGUMENT",
    `Cannot read ${text}: it is a ${entry.kind}, give ${wanted}`,
    { path: text },
  );
}

/** Makes errors of the first step come when the stream is read. */
function* deferred<T>(start: () => Iterable<T>): Generator<T> {
  yield* start();
}

const SLASH = Buffer.from("/");
