/**
 * Written memory: what was written to overlays and is not stored yet, kept within bounds. Beyond them the largest files are
 * stored as chunks, without a snapshot; all forks that share them read them from there.
 */

import type { Engine } from "../snapshot/engine.js";
import { SnapshotWriter } from "../snapshot/snapshot-writer.js";
import { atOnce } from "../threads/in-turns.js";
import { ContentSink } from "./content-sink.js";
import type { FileContent } from "./file-content.js";

/** Bytes of pages that all overlays of a store may have in memory together. */
const WRITTEN_BYTES_MAX = 64 * 1024 * 1024;
/** What a content takes beside its bytes: without it, nobody would look through a million small ones. */
const CONTENT_BYTES = 256;

export class WrittenMemory {
  readonly #engine: () => Engine;
  readonly #contents = new Set<WeakRef<FileContent>>();
  readonly #noted = new WeakSet<FileContent>();
  /** At least as much as there is: what was let go of is found out about when it matters. */
  #bytes = 0;

  /** @param engine the store's, while it is open */
  constructor(engine: () => Engine) {
    this.#engine = engine;
  }

  /**
   * Notes that bytes were written to a content; where that makes too many, some are stored at once.
   *
   * @throws {CoppiceError} DISK_FULL, STORE_BUSY, IO; what was written stays in memory
   */
  note(content: FileContent, bytes: number): void {
    if (bytes === 0) return;
    if (!this.#noted.has(content)) {
      this.#noted.add(content);
      this.#contents.add(new WeakRef(content));
      this.#bytes += CONTENT_BYTES;
    }
    this.#bytes += bytes;
    if (this.#bytes > WRITTEN_BYTES_MAX) this.#reduce();
  }

  #reduce(): void {
    const held: { readonly content: FileContent; readonly bytes: number }[] = [];
    for (const reference of this.#contents) {
      const content = reference.deref();
      const bytes = content?.memoryBytes ?? 0;
      if (content === undefined || bytes === 0) this.#contents.delete(reference);
      else held.push({ content, bytes: bytes + CONTENT_BYTES });
      if (content !== undefined && bytes === 0) this.#noted.delete(content);
    }
    this.#bytes = held.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#bytes > WRITTEN_BYTES_MAX) this.#store(held.sort((a, b) => b.bytes - a.bytes));
  }

  /** Half of what may be there is left: the next bytes must not do this again. */
  #store(held: readonly { readonly content: FileContent; readonly bytes: number }[]): void {
    const engine = this.#engine();
    const writer = new SnapshotWriter(engine, "relaxed");
    try {
      const sink = new ContentSink(engine.objects, writer.known, writer.chunks);
      let left = this.#bytes;
      for (const { content, bytes } of held) {
        if (left <= WRITTEN_BYTES_MAX / 2) break;
        atOnce(sink.put(content));
        left -= bytes;
      }
      sink.flush();
      writer.commitChunks();
      sink.settle();
      this.#bytes = left;
    } finally {
      writer.close();
    }
  }
}
