/**
 * Omitted names: the names that are left out of each directory.
 */
import type { SystemPath } from "../system/system-path.js";
import { keyOf } from "./source-directory.js";

export class OmittedNames {
  /** By directory, both as Latin-1. */
  readonly #names = new Map<string, Set<string>>();

  /** @param paths see model/omitted-paths */
  constructor(paths: readonly string[]) {
    for (const path of paths) {
      const slash = path.lastIndexOf("/");
      const directory = path.slice(0, Math.max(slash, 0));
      const names = this.#names.get(directory);
      if (names === undefined) this.#names.set(directory, new Set([path.slice(slash + 1)]));
      else names.add(path.slice(slash + 1));
    }
  }

  /** Returns the names that are left out of a directory, as Latin-1; `undefined` where there are none. */
  in(directory: SystemPath): ReadonlySet<string> | undefined {
    return this.#names.size === 0 ? undefined : this.#names.get(keyOf(directory));
  }
}
