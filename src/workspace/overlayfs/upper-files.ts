/**
 * Upper files: the content of files of an upper directory that something touched.
 */
import { visibleXattrs } from "../../image/overlay-xattrs.js";
import type { ChunkSink } from "../../scan/chunk-pipeline.js";
import { ContentReader } from "../../scan/content-reader.js";
import type { FileReaders } from "../../scan/entry-reader.js";
import { readFile } from "../../scan/entry-reader.js";
import type { FileStatus } from "../../scan/file-status.js";
import type { KnownChunks } from "../../scan/known-chunks.js";
import type { SourceDirectory } from "../../scan/source-directory.js";
import { joinPath, keyOf } from "../../scan/source-directory.js";
import { distrustRecent, lanesEqual } from "../../scan/stat-lanes.js";
import { StatusReader } from "../../scan/status-reader.js";
import type { SystemPath } from "../../system/system-path.js";

/** A file that was read. */
export interface UpperFile {
  /** See stat-lanes. */
  readonly lanes: Uint32Array;
  readonly status: FileStatus;
  readonly record: Buffer;
}

/**
 * Reads files for one scan, however often that has to start again: what was read is not read again, and its chunks
 * may still be on their way to the sink.
 */
export class UpperFiles {
  readonly #store: { readonly known: KnownChunks; readonly sink: ChunkSink };
  readonly #status = new StatusReader();
  /** By path. */
  readonly #alreadyRead = new Map<string, UpperFile>();
  readonly #tellsEachChange: boolean;
  /** Made when the first file is to be read: it takes memory to read into. */
  #readers: FileReaders | undefined;
  readonly #sinceMs = Date.now();
  #filesRead = 0;
  #bytesRead = 0;

  /** @param tellsEachChange see probe-times */
  constructor(
    store: { readonly known: KnownChunks; readonly sink: ChunkSink },
    tellsEachChange: boolean,
  ) {
    this.#store = store;
    this.#tellsEachChange = tellsEachChange;
  }

  get filesRead(): number {
    return this.#filesRead;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * Returns a file, read between two looks at its status that agree; yields for others to get a turn.
   *
   * @param path of the directory, from the root of the upper layer
   * @param status as it was listed
   * @throws {UnstableFileError} when it changes faster than it can be read
   * @throws {NodeJS.ErrnoException}
   */
  *read(
    path: SystemPath,
    directory: SourceDirectory,
    name: SystemPath,
    status: FileStatus,
  ): Generator<void, UpperFile> {
    const key = keyOf(joinPath(path, name));
    const already = this.#alreadyRead.get(key);
    if (already !== undefined && lanesEqual(already.lanes, 0, status.lanes, 0)) return already;
    const { known, sink } = this.#store;
    this.#readers ??= {
      content: new ContentReader(known, sink),
      status: this.#status,
      ownXattrs: visibleXattrs,
    };
    yield;
    const read = yield* readFile(this.#readers, directory, name, status);
    this.#filesRead++;
    this.#bytesRead += read.bytesRead;
    const file = { ...read, lanes: this.lanesOf(read.status) };
    this.#alreadyRead.set(key, file);
    return file;
  }

  /** Returns a status's lanes, to be compared with later ones. */
  lanesOf(status: FileStatus): Uint32Array {
    const lanes = Uint32Array.from(status.lanes);
    if (!this.#tellsEachChange) distrustRecent(lanes, 0, this.#sinceMs);
    return lanes;
  }

  /** Hands out what is left of the content that was read. What was read is stored only then. */
  flush(): void {
    this.#readers?.content.flush();
  }
}
