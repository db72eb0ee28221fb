/**
 * Link groups: the names of each inode that has several, as they are found.
 */
import type { SystemPath } from "../system/system-path.js";
import type { LinkGroup } from "../tree/links-codec.js";
import { pathBytes } from "./source-directory.js";

/** An entry in a scanned directory's block. */
export interface LinkedName {
  readonly directory: number;
  readonly entry: number;
}

export class LinkGroups {
  readonly #byInode = new Map<string, LinkedName[]>();
  readonly #byName = new Map<string, LinkedName[]>();

  add(name: LinkedName, identity: string): void {
    let names = this.#byInode.get(identity);
    if (names === undefined) this.#byInode.set(identity, (names = []));
    names.push(name);
    this.#byName.set(nameKey(name), names);
  }

  /** Returns each inode with its names. */
  groups(): Iterable<[identity: string, names: readonly LinkedName[]]> {
    return this.#byInode;
  }

  /** Returns all names of the inode that a name belongs to, or `undefined` for one that has no other. */
  namesOf(name: LinkedName): readonly LinkedName[] | undefined {
    const names = this.#byName.get(nameKey(name));
    return names === undefined ? undefined : [...names];
  }

  /** Forgets a name that vanished. */
  drop(name: LinkedName): void {
    const names = this.#byName.get(nameKey(name));
    const index =
      names?.findIndex((each) => each.directory === name.directory && each.entry === name.entry) ??
      -1;
    if (index >= 0) names?.splice(index, 1);
  }

  /** Yields the paths of each inode. */
  *paths(pathOf: (name: LinkedName) => SystemPath): Generator<LinkGroup> {
    for (const names of this.#byInode.values()) yield names.map((name) => pathBytes(pathOf(name)));
  }
}

function nameKey(name: LinkedName): string {
  return `${name.directory}:${name.entry}`;
}
