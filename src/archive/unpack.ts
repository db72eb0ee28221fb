/**
 * Unpack: an archive's bytes become chunks and trees in a store, or nothing at all.
 *
 *     bytes ─> expand ─> InputQueue ─> TarReader ─> entries ─┬─> ContentWriter ─> chunks
 *                                                            └─> ArchiveTree ─> checks ─> trees, root
 *
 * Of a large archive a thread makes the chunks (ThreadedContents).
 *
 * Everything is looked at before anything exists: what makes the root something is the caller's commit.
 */
import { availableParallelism } from "node:os";
import { checkWord } from "../model/check-options.js";
import type { Content, EntryAttributes } from "../model/entry.js";
import { REPORT_LIST_MAX, SYMLINK_BYTES_MAX } from "../model/limits.js";
import { reportedPath } from "../model/reported-path.js";
import type { WrittenPack } from "../pack/chunk-writer.js";
import type { SnapshotWriter } from "../snapshot/snapshot-writer.js";
import { encodeEntry } from "../tree/entry-codec.js";
import type { ArchiveEntry } from "./archive-entry.js";
import { archiveDamaged, archiveTooLarge, archiveUnsafe } from "./archive-error.js";
import type { ArchiveLeaf } from "./archive-tree.js";
import { ArchiveTree } from "./archive-tree.js";
import type { BuiltArchive } from "./build-archive.js";
import { buildArchive } from "./build-archive.js";
import type { ArchiveCounts } from "./bytes/archive-bytes.js";
import { archiveBytes } from "./bytes/archive-bytes.js";
import { InputQueue } from "./bytes/input-queue.js";
import { checkCollisions } from "./check-collisions.js";
import { checkLinks } from "./check-links.js";
import { ContentWriter } from "./content-writer.js";
import { TarReader } from "./tar/tar-reader.js";
import { ThreadedContents } from "./threaded-contents.js";
import type {
  ArchiveSource,
  DroppedPart,
  UnpackLimits,
  UnpackOptions,
  UnpackReport,
} from "./unpack-options.js";
import { allLimits } from "./unpack-options.js";

/** What others wait for at most while pieces are worked on, milliseconds. */
const TURN_MS = 10;
/** From so many expanded bytes on a thread makes the chunks: to start one takes 50 ms, in which these are hashed. */
const THREAD_FROM_BYTES = 16 * 1024 * 1024;

/** An archive as it is stored. */
export interface Unpacked {
  readonly built: BuiltArchive;
  /** What a thread wrote into packs of its own, which are to be committed. */
  readonly packs: readonly WrittenPack[];
  readonly report: Omit<UnpackReport, "durationMs">;
}

/**
 * Stores what an archive has in it.
 *
 * @param directory the store's
 * @throws {CoppiceError} ARCHIVE_DAMAGED, ARCHIVE_UNSAFE, ARCHIVE_TOO_LARGE, UNSUPPORTED, DISK_FULL, IO
 */
export async function unpack(
  writer: SnapshotWriter,
  directory: string,
  source: ArchiveSource,
  options: UnpackOptions,
): Promise<Unpacked> {
  const unpacking = new Unpacking(writer, directory, options);
  try {
    return await unpacking.run(source);
  } finally {
    await unpacking.close();
  }
}

/** @throws {TypeError | RangeError} where an option is none */
export function checkUnpackOptions(options: UnpackOptions): void {
  checkWord("devices", options.devices, ["refuse", "keep"]);
  checkWord("links", options.links, ["inside", "any"]);
  checkWord("owner", options.owner, ["keep", "self"]);
  checkWord("caseCollisions", options.caseCollisions, ["keep", "refuse"]);
  allLimits(options.limits);
}

class Unpacking {
  readonly #writer: SnapshotWriter;
  readonly #directory: string;
  readonly #options: UnpackOptions;
  readonly #limits: Required<UnpackLimits>;
  readonly #tree: ArchiveTree;
  readonly #contents: ContentWriter;
  #thread: ThreadedContents | undefined;
  readonly #counts: ArchiveCounts = { compression: "none", archiveBytes: 0, bytes: 0 };
  readonly #owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly #dropped: DroppedPart[] = [];
  #droppedCount = 0;
  #entries = 0;
  /** Of files, beyond what the archive has of them. */
  #holeBytes = 0;

  constructor(writer: SnapshotWriter, directory: string, options: UnpackOptions) {
    this.#writer = writer;
    this.#directory = directory;
    this.#options = options;
    this.#limits = allLimits(options.limits);
    this.#tree = new ArchiveTree(this.#limits);
    this.#contents = new ContentWriter(writer.known, writer.chunks);
    this.#owner =
      options.owner === "self"
        ? { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
        : undefined;
  }

  async run(source: ArchiveSource): Promise<Unpacked> {
    const input = new InputQueue();
    const read = this.#read(new TarReader(input), input);
    let isRead = false;
    let turnEnd = performance.now() + TURN_MS;
    const work = async (step: () => boolean) => {
      while (!step()) {
        if (this.#thread?.isFull === true) await this.#thread.whenAnswered();
        else if (performance.now() < turnEnd) continue;
        else await new Promise(setImmediate);
        this.#options.signal?.throwIfAborted();
        turnEnd = performance.now() + TURN_MS;
      }
    };
    for await (const piece of archiveBytes(source, this.#limits, this.#counts)) {
      this.#options.signal?.throwIfAborted();
      // What follows the end is read all the same: a checksum may be behind it.
      if (isRead) continue;
      if (this.#counts.bytes >= THREAD_FROM_BYTES) this.#startThread();
      input.push(piece);
      await work(() => (isRead = read.next().done === true) || input.isShort);
      this.#tell();
    }
    input.end();
    await work(() => (isRead ||= read.next().done === true));
    this.#contents.flush();
    await this.#thread?.finish(this.#writer.durability === "full");
    this.#options.signal?.throwIfAborted();
    this.#check();
    const build = buildArchive(this.#tree.root, this.#writer);
    let built: BuiltArchive | undefined;
    await work(() => {
      const { done, value } = build.next();
      if (done === true) built = value;
      return done === true;
    });
    const written = await this.#thread?.written();
    const { packs = [], bytesWritten = 0 } = written ?? {};
    const bytesNew = this.#writer.bytesNew + bytesWritten;
    return { built: built as BuiltArchive, packs, report: { ...this.#report(), bytesNew } };
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    await this.#thread?.stop();
  }

  #startThread(): void {
    if (this.#thread !== undefined || availableParallelism() === 1) return;
    const { storeId } = this.#writer;
    this.#thread = new ThreadedContents({ directory: this.#directory, storeId }, this.#writer);
  }

  /** Takes entries until the last one; yields where it needs more bytes, and now and then. */
  *#read(reader: TarReader, input: InputQueue): Generator<void, void> {
    for (;;) {
      const entry = yield* reader.next();
      if (entry === undefined) break;
      this.#entries++;
      if (this.#entries > this.#limits.maxEntries)
        throw archiveTooLarge("maxEntries", "has more entries", this.#limits.maxEntries);
      yield* this.#take(entry);
      if (this.#entries % 64 === 0) yield;
    }
    yield* input.skip(Number.POSITIVE_INFINITY);
  }

  *#take(entry: ArchiveEntry): Generator<void, void> {
    const { kind, path, body } = entry;
    const place = { number: entry.number, path };
    if (entry.dropped.length > 0) this.#drop(entry);
    switch (kind) {
      case "directory":
        this.#tree.putDirectory(path, this.#attributesOf(entry), place);
        return;
      case "hard-link":
        this.#tree.putLink(path, entry.target, place);
        return;
      case "file": {
        const sizeBytes = body?.sizeBytes ?? 0;
        this.#holeBytes += sizeBytes - (body?.storedLeft ?? 0);
        if (this.#counts.bytes + this.#holeBytes > this.#limits.maxBytes)
          throw archiveTooLarge(
            "maxBytes",
            "makes it more bytes with its holes",
            this.#limits.maxBytes,
            place,
          );
        // The path's bytes may be gone once the content was read.
        const own = Buffer.from(path);
        const attributes = this.#attributesOf(entry);
        const thread = this.#thread;
        const content: Content =
          body === undefined || sizeBytes === 0
            ? { form: "empty" }
            : yield* (thread ?? this.#contents).write(body);
        this.#tree.putLeaf(own, { number: entry.number, path: own }, (name) => {
          const record = encodeEntry({ kind, ...attributes, name, sizeBytes, content });
          if (content.form !== "empty") thread?.fill(record);
          return leafOf("file", entry, record);
        });
        return;
      }
      case "symlink": {
        const { target } = entry;
        if (target.length === 0) throw archiveDamaged("is a symbolic link to nothing", place);
        if (target.length > SYMLINK_BYTES_MAX)
          throw archiveDamaged(`is a symbolic link to ${target.length} bytes`, place);
        const attributes = this.#attributesOf(entry);
        this.#tree.putLeaf(path, place, (name) =>
          leafOf("symlink", entry, encodeEntry({ kind, ...attributes, name, target })),
        );
        return;
      }
      case "fifo": {
        const attributes = this.#attributesOf(entry);
        this.#tree.putLeaf(path, place, (name) =>
          leafOf("special", entry, encodeEntry({ kind, ...attributes, name })),
        );
        return;
      }
      default: {
        const { major, minor } = entry;
        if (this.#options.devices !== "keep")
          throw archiveUnsafe(
            "device",
            `is a ${kind.replace("-", " ")}`,
            place,
            'allow it with devices: "keep" if it is meant to be there',
          );
        const attributes = this.#attributesOf(entry);
        this.#tree.putLeaf(path, place, (name) =>
          leafOf("special", entry, encodeEntry({ kind, ...attributes, name, major, minor })),
        );
      }
    }
  }

  #attributesOf(entry: ArchiveEntry): Omit<EntryAttributes, "name"> {
    const { mode, mtimeSeconds, mtimeNanoseconds, xattrs } = entry;
    const { uid, gid } = this.#owner ?? entry;
    return { mode, uid, gid, mtimeSeconds, mtimeNanoseconds, xattrs };
  }

  #check(): void {
    if (this.#options.links !== "any") checkLinks(this.#tree.root);
    if (this.#options.caseCollisions === "refuse") checkCollisions(this.#tree.root);
  }

  #drop({ path, dropped }: ArchiveEntry): void {
    for (const part of dropped) {
      this.#droppedCount++;
      if (this.#dropped.length < REPORT_LIST_MAX)
        this.#dropped.push({ ...reportedPath(Buffer.from(path)), part });
    }
  }

  #tell(): void {
    const { bytes } = this.#counts;
    this.#options.onProgress?.({ phase: "unpack", entries: this.#entries, bytes });
  }

  #report(): Omit<Unpacked["report"], "bytesNew"> {
    const { compression, archiveBytes, bytes } = this.#counts;
    const dropped = { count: this.#droppedCount, parts: this.#dropped };
    return { entries: this.#entries, bytes, archiveBytes, compression, dropped };
  }
}

function leafOf(kind: ArchiveLeaf["kind"], entry: ArchiveEntry, record: Buffer): ArchiveLeaf {
  const target = kind === "symlink" ? Buffer.from(entry.target) : undefined;
  return { kind, record, target, number: entry.number, isLinked: false };
}
