/**
 * Cached entries: where a name stands in a cached block.
 */
import type { SystemPath } from "../system/system-path.js";
import type { DirectoryBlock } from "./directory-block.js";

/** The entries of a cached block by name; looked for first where the last one was found. */
export class CachedEntries {
  readonly #names: readonly SystemPath[];
  readonly #isAbsent: boolean;
  #next = 0;
  #index: Map<string, number> | undefined;

  constructor(block: DirectoryBlock | undefined, names: readonly SystemPath[]) {
    this.#names = names;
    this.#isAbsent = block === undefined;
  }

  find(name: SystemPath): number | undefined {
    if (this.#isAbsent) return undefined;
    if (this.#names[this.#next] === name) return this.#next++;
    this.#index ??= new Map(this.#names.map((each, index) => [keyOf(each), index]));
    const index = this.#index.get(keyOf(name));
    if (index !== undefined) this.#next = index + 1;
    return index;
  }
}

/** Text and bytes never share a key: a name is bytes only where it is no text. */
function keyOf(name: SystemPath): string {
  return typeof name === "string" ? name : `\0${name.toString("latin1")}`;
}
