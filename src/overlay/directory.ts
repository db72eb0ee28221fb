/**
 * Directory: an open directory in an overlay, in the shape of fs.Dir. It lists what was there when it was opened.
 */
import type { OverlayDirent } from "./directory-entry.js";

/** As fs.Dir. */
export class OverlayDir {
  /** As it was given. */
  readonly path: string;
  readonly #entries: Iterator<OverlayDirent>;
  #isClosed = false;

  /** @internal */
  constructor(path: string, entries: readonly OverlayDirent[]) {
    this.path = path;
    this.#entries = entries.values();
  }

  /** Returns the next entry, `null` after the last one. */
  readSync(): OverlayDirent | null {
    if (this.#isClosed) throw closed();
    const { done, value } = this.#entries.next();
    return done === true ? null : value;
  }

  /** As dir.read. */
  async read(): Promise<OverlayDirent | null> {
    return this.readSync();
  }

  /** As dir.closeSync. */
  closeSync(): void {
    if (this.#isClosed) throw closed();
    this.#isClosed = true;
  }

  /** As dir.close. */
  async close(): Promise<void> {
    this.closeSync();
  }

  /** Yields the entries, and closes the directory. */
  async *[Symbol.asyncIterator](): AsyncGenerator<OverlayDirent, void> {
    try {
      for (let entry = this.readSync(); entry !== null; entry = this.readSync()) yield entry;
    } finally {
      this.closeSync();
    }
  }
}

function closed(): Error {
  return Object.assign(new Error("Directory handle was closed"), { code: "ERR_DIR_CLOSED" });
}
