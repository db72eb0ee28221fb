/**
 * File bytes: stores the bytes of files that a merge makes, as a capture would store them.
 */
import type { FileEntry } from "../model/entry.js";
import { NO_SINK, NOTHING_NEW } from "../scan/chunk-pipeline.js";
import { ContentReader } from "../scan/content-reader.js";
import type { SnapshotWriter } from "../snapshot/snapshot-writer.js";

export class FileBytes {
  readonly #open: (() => SnapshotWriter) | undefined;
  #reader: ContentReader | undefined;

  /** @param open gives what stores them, when it is first needed; `undefined` where they are only looked at */
  constructor(open: (() => SnapshotWriter) | undefined) {
    this.#open = open;
  }

  /** Returns how a file's entry refers to some bytes; they are stored once `flush` has returned. */
  store(bytes: Uint8Array): Pick<FileEntry, "content" | "sizeBytes"> {
    this.#reader ??= this.#newReader();
    const reading = this.#reader.read(bytes, bytes.length, false);
    let step = reading.next();
    while (step.done !== true) step = reading.next();
    return { content: step.value.content, sizeBytes: bytes.length };
  }

  /** Hands out what was stored last. */
  flush(): void {
    this.#reader?.flush();
  }

  #newReader(): ContentReader {
    const writer = this.#open?.();
    return writer === undefined
      ? new ContentReader(NOTHING_NEW, NO_SINK)
      : new ContentReader(writer.known, writer.chunks);
  }
}
