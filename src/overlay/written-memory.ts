/**
 * Written memory: what was written to overlays and is not stored yet, kept within bounds. Beyond them the largest files are
 * stored as chunks, without a snapshot; all forks that share them read them from there.
 *
 * Who is about to write has room made first, so that a disk that is full refuses the call before anything of it is
 * done: no overlay ever holds half of a call, or one that it said had failed.
 */

import type { Content } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import { explainSystemError } from "../model/system-failure.js";
import type { Engine } from "../snapshot/engine.js";
import { unlessCollectedAtOnce } from "../snapshot/require-stored.js";
import type { SpilledHold } from "../snapshot/snapshot-writer.js";
import { SnapshotWriter } from "../snapshot/snapshot-writer.js";
import { atOnce } from "../threads/in-turns.js";
import { ContentSink } from "./content-sink.js";
import type { FileContent } from "./file-content.js";

/** Bytes of pages that all overlays of a store may have in memory together. */
const WRITTEN_BYTES_MAX = 64 * 1024 * 1024;
/** What a content takes beside its bytes: without it, nobody would look through a million small ones. */
const CONTENT_BYTES = 256;

/** A content that was written to, and how many of its bytes are counted. */
interface Held {
  readonly reference: WeakRef<FileContent>;
  bytes: number;
}

export class WrittenMemory {
  readonly #engine: () => Engine;
  readonly #all = new Set<Held>();
  readonly #held = new WeakMap<FileContent, Held>();
  /** What others let go of is found out about when it matters. */
  #bytes = 0;

  /** @param engine the store's, while it is open */
  constructor(engine: () => Engine) {
    this.#engine = engine;
  }

  /**
   * Makes room for bytes that are about to be written: where there would be too many, some are stored at once.
   *
   * @throws {CoppiceError} DISK_FULL, STORE_BUSY, STORE_CLOSED, IO; what was written before stays in memory
   */
  makeRoom(bytes: number): void {
    // More than half is never made room for: it is stored itself, once it is written.
    const asked = Math.min(bytes, WRITTEN_BYTES_MAX / 2);
    if (this.#bytes + asked <= WRITTEN_BYTES_MAX) return;
    try {
      this.#reduce(asked);
    } catch (cause) {
      const error = explainSystemError(cause, "store what was written to overlays");
      if (!(error instanceof CoppiceError)) throw error;
      throw new CoppiceError(
        error.code,
        `Cannot write to overlay: what was written before takes up the memory there is for it, and cannot be stored (${error.message}); nothing of this call was written, and nothing else is lost`,
        { cause },
      );
    }
  }

  /** Notes that a content was written to. */
  note(content: FileContent): void {
    const bytes = content.takeGrowth();
    if (bytes === 0) return;
    let held = this.#held.get(content);
    if (held === undefined) {
      held = { reference: new WeakRef(content), bytes: CONTENT_BYTES };
      this.#bytes += CONTENT_BYTES;
      this.#held.set(content, held);
      this.#all.add(held);
    }
    held.bytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes <= WRITTEN_BYTES_MAX) return;
    try {
      this.#reduce(0);
    } catch {
      // It is written, and stays in memory; who writes next is told why there is no room.
    }
  }

  /** Notes that nobody has a content any more: it would be stored in vain until its memory is collected. */
  forget(content: FileContent): void {
    const held = this.#held.get(content);
    if (held === undefined) return;
    this.#held.delete(content);
    this.#all.delete(held);
    this.#bytes -= held.bytes;
  }

  /** Stores some of it, unless there is room for some bytes once it is known what was let go of. */
  #reduce(bytes: number): void {
    const contents: { readonly content: FileContent; readonly held: Held }[] = [];
    // Forks share pages.
    const counted = new Set();
    this.#bytes = 0;
    for (const held of this.#all) {
      const content = held.reference.deref();
      held.bytes = content?.countPages(counted) ?? 0;
      this.#bytes += held.bytes;
      if (content === undefined) this.#all.delete(held);
      else if (content.stored !== undefined) this.forget(content);
      else contents.push({ content, held });
    }
    contents.sort((a, b) => b.held.bytes - a.held.bytes);
    if (this.#bytes + bytes > WRITTEN_BYTES_MAX)
      this.#store(contents.map(({ content }) => content));
  }

  /** Half of what may be there is left: the next bytes must not do this again. */
  #store(contents: readonly FileContent[]): void {
    unlessCollectedAtOnce(() => this.#storeOnce(contents));
  }

  #storeOnce(contents: readonly FileContent[]): void {
    const engine = this.#engine();
    const writer = new SnapshotWriter(engine, "relaxed");
    try {
      const sink = new ContentSink(engine.objects, writer.known, writer.chunks);
      const put: FileContent[] = [];
      const holds: SpilledHold[] = [];
      let left = this.#bytes;
      for (const content of contents) {
        if (left <= WRITTEN_BYTES_MAX / 2) break;
        const hold = holdOf(atOnce(sink.put(content)));
        if (hold !== undefined) holds.push(hold);
        left -= this.#held.get(content)?.bytes ?? 0;
        put.push(content);
      }
      sink.flush();
      writer.commitChunks(holds);
      sink.settle((stored) => {
        const hold = holdOf(stored);
        return hold && engine.catalog.holds.keep(hold);
      });
      for (const content of put) this.forget(content);
    } finally {
      writer.close();
    }
  }
}

/** Returns what is held of a content that no snapshot refers to. */
function holdOf(stored: Content): SpilledHold | undefined {
  if (stored.form === "empty") return undefined;
  return { digest: stored.digest, role: stored.form === "list" ? "list" : "data" };
}
