/**
 * Scanner: lists directories and reads files for one thread. What it finds unchanged since the stat
 * cache was written it takes from there, unread.
 */

import { addPath } from "../model/capture-report.js";
import type { SystemPath } from "../system/system-path.js";
import { atOnce } from "../threads/in-turns.js";
import { CachedEntries } from "./cached-entries.js";
import type { ChunkSink } from "./chunk-pipeline.js";
import { ContentReader } from "./content-reader.js";
import { BlockDraft, DirectoryBlock, ENTRY_FLAGS } from "./directory-block.js";
import type { FileReaders } from "./entry-reader.js";
import {
  fileRecord,
  readFile,
  specialRecord,
  UnstableFileError,
  xattrsOf,
} from "./entry-reader.js";
import { FileStatus } from "./file-status.js";
import type { KnownChunks } from "./known-chunks.js";
import { joinNames, splitNames } from "./name-list.js";
import { OmittedNames } from "./omitted-names.js";
import type { PathFilter } from "./path-filter.js";
import { createPathFilter } from "./path-filter.js";
import { emptyTally } from "./scan-tally.js";
import type {
  DirectoryResult,
  DirectoryTask,
  FileResult,
  FileTask,
  ScanResult,
  ScanSettings,
  ScanTask,
} from "./scan-task.js";
import {
  displayPath,
  joinPath,
  keyOf,
  nameFromBytes,
  pathBytes,
  SourceDirectory,
} from "./source-directory.js";
import { lanesEqual } from "./stat-lanes.js";
import { StatusReader } from "./status-reader.js";
import { standIn, UNREADABLE, unreadableError, VANISHED } from "./unreadable.js";

/** Larger files are read as tasks of their own, so that threads share the work evenly. */
const DEFERRED_BYTES_MIN = 4 * 1024 * 1024;
/** How many files are read that take one another's place, as editors and package managers write them. */
const REPLACEMENTS_MAX = 5;

export class Scanner {
  readonly #settings: ScanSettings;
  readonly #cache: Buffer;
  readonly #filter: PathFilter | undefined;
  readonly #omitted: OmittedNames;
  readonly #readers: FileReaders;
  #tally = emptyTally();

  constructor(settings: ScanSettings, known: KnownChunks, sink: ChunkSink) {
    this.#settings = settings;
    this.#cache = Buffer.from(settings.cache as unknown as ArrayBuffer);
    this.#filter = createPathFilter(settings);
    this.#omitted = new OmittedNames(settings.omitPaths);
    this.#readers = { content: new ContentReader(known, sink), status: new StatusReader() };
  }

  run(task: ScanTask): ScanResult {
    const directories = task.directories.map((each) => this.#directory(each));
    const files = task.files.map((each) => this.#file(each));
    const tally = this.#tally;
    this.#tally = emptyTally();
    return { directories, files, tally };
  }

  /** Returns once everything that was read is stored. */
  flush(): void {
    this.#readers.content.flush();
  }

  #directory(task: DirectoryTask): DirectoryResult {
    const { id, path } = task;
    let directory: SourceDirectory;
    try {
      directory = SourceDirectory.at(joinPath(this.#settings.root, path));
    } catch (error) {
      this.#missed(path, error);
      return { id, outcome: "gone" };
    }
    try {
      const status = this.#readers.status.ofDescriptor(directory.descriptor);
      if (status.identity !== task.identity) {
        addPath(this.#tally.changed, path, "another directory took its place");
        return { id, outcome: "gone" };
      }
      return this.#list(task, directory, status);
    } catch (error) {
      this.#missed(path, error);
      return { id, outcome: "gone" };
    } finally {
      directory.close();
    }
  }

  #list(task: DirectoryTask, directory: SourceDirectory, status: FileStatus): DirectoryResult {
    const cached =
      task.cacheBlock > 0 ? DirectoryBlock.at(this.#cache, task.cacheBlock) : undefined;
    // A directory's mtime and ctime move with each name that comes or goes.
    const isUntouched =
      cached !== undefined && lanesEqual(cached.lanes, cached.ownLanes, status.lanes, 0);
    const omitted = this.#omitted.in(task.path);
    const hasAllNames =
      isUntouched && cached.isComplete && this.#filter === undefined && omitted === undefined;
    if (hasAllNames && this.#readers.status.isUnchanged(directory, cached)) {
      this.#tally.unchanged += cached.fileCount;
      return { id: task.id, outcome: "same" };
    }
    const cachedNames = cached === undefined ? [] : splitNames(cached.names);
    const names = hasAllNames ? cachedNames : directory.names();
    const old = new CachedEntries(cached, cachedNames);
    const { omit } = this.#settings;
    const kept: SystemPath[] = [];
    const draft = new BlockDraft();
    let isComplete = true;
    let isSame = isUntouched;
    const statuses = this.#readers.status.statuses(directory, names);
    for (const [position, name] of names.entries()) {
      const found = statuses[position];
      const path = joinPath(task.path, name);
      if (!(found instanceof FileStatus)) {
        if (found !== undefined) this.#missed(path, found);
        isComplete = false;
        continue;
      }
      const isOmitted =
        (found.isDirectory && omit.includes(found.identity)) || omitted?.has(keyOf(name)) === true;
      if (isOmitted || this.#filter?.excludes(path, found.isDirectory) === true) {
        addPath(this.#tally.excluded, path);
        isComplete = false;
        continue;
      }
      const index = old.find(name);
      if (
        cached !== undefined &&
        index !== undefined &&
        lanesEqual(cached.lanes, cached.lanesOf(index), found.lanes, 0)
      ) {
        draft.add(
          cached.record(index),
          cached.flags(index),
          cached.lanes,
          cached.lanesOf(index),
          cached.childBlock(index),
        );
        if (found.isFile) this.#tally.unchanged++;
        if (index !== kept.length) isSame = false;
        kept.push(name);
        continue;
      }
      isSame = false;
      const entry = this.#entry(path, directory, name, found);
      if (entry === undefined) {
        isComplete = false;
        continue;
      }
      // A directory that was touched still has most of its entries as they were.
      const childBlock =
        cached !== undefined && index !== undefined && found.isDirectory
          ? cached.childBlock(index)
          : 0;
      draft.add(entry.record, entry.flags, entry.status.lanes, 0, childBlock);
      kept.push(name);
    }
    if (
      isSame &&
      cached !== undefined &&
      kept.length === cached.entryCount &&
      isComplete === cached.isComplete
    ) {
      return { id: task.id, outcome: "same" };
    }
    const block = draft.finish(joinNames(kept), isComplete);
    block.lanes.set(status.lanes, block.ownLanes);
    return { id: task.id, outcome: "listed", block: block.bytes };
  }

  /** Returns the record of a name that the cache does not know, or `undefined` for what is left out. */
  #entry(path: SystemPath, directory: SourceDirectory, name: SystemPath, status: FileStatus) {
    try {
      const isLinked = status.nlink > 1 && !status.isDirectory;
      if (!status.isFile) {
        const record = specialRecord(directory.child(name), pathBytes(name), status);
        if (record === undefined) addPath(this.#tally.skipped, path, "socket");
        const flags = status.isDirectory
          ? ENTRY_FLAGS.directory
          : isLinked
            ? ENTRY_FLAGS.linked
            : 0;
        return record === undefined ? undefined : { record, status, flags };
      }
      if (isLinked || status.sizeBytes >= DEFERRED_BYTES_MIN) {
        const xattrs = xattrsOf(directory.child(name));
        const record = fileRecord(pathBytes(name), status, { form: "empty" }, xattrs);
        return {
          record,
          status,
          flags: ENTRY_FLAGS.deferred | (isLinked ? ENTRY_FLAGS.linked : 0),
        };
      }
      const read = this.#read(path, directory, name, status);
      return { record: read.record, status: read.status, flags: 0 };
    } catch (error) {
      return this.#standIn(path, name, status, error);
    }
  }

  #file(task: FileTask): FileResult {
    const bytes = pathBytes(task.path);
    const slash = bytes.lastIndexOf(0x2f);
    const name = nameFromBytes(bytes.subarray(slash + 1));
    const { directory, entry } = task;
    let status: FileStatus | undefined;
    try {
      const parent = SourceDirectory.at(
        joinPath(this.#settings.root, slash < 0 ? "" : bytes.subarray(0, slash)),
      );
      try {
        status = FileStatus.ofPath(parent.child(name));
        const isOther = status?.identity !== task.identity;
        if (status === undefined || (isOther && (task.isLinked || !status.isFile))) {
          addPath(this.#tally.changed, task.path, "another file took its place");
          return { directory, entry };
        }
        const read = this.#read(task.path, parent, name, status);
        return { directory, entry, record: read.record, lanes: read.status.lanes };
      } finally {
        parent.close();
      }
    } catch (error) {
      const other = this.#standIn(task.path, name, status, error);
      if (other === undefined) return { directory, entry };
      return { directory, entry, record: other.record, lanes: other.status.lanes };
    }
  }

  /** Returns what stands for a file that cannot be read and is equal to no other, or `undefined` where it is missed. */
  #standIn(path: SystemPath, name: SystemPath, status: FileStatus | undefined, error: unknown) {
    const isRefused = UNREADABLE.has((error as NodeJS.ErrnoException).code ?? "");
    if (this.#settings.onUnreadable !== "differ" || status?.isFile !== true || !isRefused) {
      this.#missed(path, error);
      return undefined;
    }
    return standIn(pathBytes(name), status);
  }

  #read(path: SystemPath, directory: SourceDirectory, name: SystemPath, listed: FileStatus) {
    const { read, replaced } = this.#readStable(directory, name, listed);
    if (replaced) addPath(this.#tally.changed, path, "another file took its place");
    this.#tally.filesRead++;
    this.#tally.bytesRead += read.bytesRead;
    if (read.retries > 0) addPath(this.#tally.changed, path, "read again");
    return read;
  }

  /** Reads the file that stands under a name, also where others take its place meanwhile. */
  #readStable(directory: SourceDirectory, name: SystemPath, listed: FileStatus) {
    let status = listed;
    for (let attempt = 1; ; attempt++) {
      try {
        const read = atOnce(readFile(this.#readers, directory, name, status));
        return { read, replaced: attempt > 1 };
      } catch (error) {
        if (!(error instanceof UnstableFileError) || attempt === REPLACEMENTS_MAX) throw error;
        const now = FileStatus.ofPath(directory.child(name));
        if (now === undefined || !now.isFile) {
          throw Object.assign(new Error("it vanished"), { code: "ENOENT" });
        }
        if (now.identity === status.identity) throw error;
        status = now;
      }
    }
  }

  /**
   * Books what could not be read: a name that is gone is no longer part of the directory; what may not be
   * read is left out or ends the capture, as the caller wants.
   *
   * @throws {CoppiceError} UNREADABLE
   * @throws what is neither
   */
  #missed(path: SystemPath, error: unknown): void {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (VANISHED.has(code)) {
      addPath(this.#tally.changed, path, "vanished");
    } else if (UNREADABLE.has(code) || error instanceof UnstableFileError) {
      const reason = (error as Error).message;
      if (this.#settings.onUnreadable !== "skip")
        throw unreadableError(displayPath(path), reason, error);
      addPath(this.#tally.unreadable, path, reason);
    } else {
      throw error;
    }
  }
}
