/**
 * Touched names: what of an upper directory is no longer as a scan saw it, found by a look at every name.
 */
import type { StatusReader } from "../../scan/status-reader.js";
import type { SeenDirectory } from "./seen-directory.js";

export class TouchedNames {
  readonly #status: StatusReader;
  readonly #upper: number;
  readonly #touched = new Map<SeenDirectory, ReadonlySet<number>>();

  /** @param upper descriptor of the upper directory */
  constructor(status: StatusReader, upper: number) {
    this.#status = status;
    this.#upper = upper;
  }

  /** Looks at what is in a directory and below. Whether anything there was touched is then known by `of`. */
  look(directory: SeenDirectory): boolean {
    const { listing, entryLanes, children } = directory;
    const { paths, names } = listing;
    const touched = this.#status.changed(this.#upper, paths, names.length, entryLanes);
    let isTouched = touched.length > 0;
    for (const child of children.values()) if (this.look(child)) isTouched = true;
    if (isTouched) this.#touched.set(directory, new Set(touched));
    return isTouched;
  }

  /** Returns the positions of the names in a directory that were touched; `undefined` where none was there or below. */
  of(directory: SeenDirectory): ReadonlySet<number> | undefined {
    return this.#touched.get(directory);
  }
}
