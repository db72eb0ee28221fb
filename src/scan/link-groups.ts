/**
 * Link groups: the names of each inode that has several, as they are found.
 */
import type { SystemPath } from "../system/system-path.js";
import { encodeLinkGroup } from "../tree/links-codec.js";
import type { TreeRecord } from "../tree/tree-builder.js";
import { pathBytes } from "./source-directory.js";

/** An entry in a scanned directory's block. */
export interface LinkedName {
  readonly directory: number;
  readonly entry: number;
}

interface Inode {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly sizeBytes: number;
}

export class LinkGroups {
  readonly #byInode = new Map<string, { inode: Inode; names: LinkedName[] }>();
  readonly #byName = new Map<string, LinkedName[]>();

  add(name: LinkedName, inode: Inode): void {
    const key = `${inode.dev}:${inode.ino}`;
    let group = this.#byInode.get(key);
    if (group === undefined) this.#byInode.set(key, (group = { inode, names: [] }));
    group.names.push(name);
    this.#byName.set(nameKey(name), group.names);
  }

  /** Yields each inode with its names. */
  *groups(): Generator<[Inode, readonly LinkedName[]]> {
    for (const { inode, names } of this.#byInode.values()) yield [inode, names];
  }

  /** Returns all names of the inode that a name belongs to, or `undefined` for one that has no other. */
  namesOf(name: LinkedName): readonly LinkedName[] | undefined {
    const names = this.#byName.get(nameKey(name));
    return names === undefined ? undefined : [...names];
  }

  /** Forgets a name that vanished. */
  drop(name: LinkedName): void {
    const names = this.#byName.get(nameKey(name));
    const index = names?.findIndex((each) => each.directory === name.directory && each.entry === name.entry) ?? -1;
    if (index >= 0) names?.splice(index, 1);
  }

  /** Returns the groups of two or more names as sorted tree records. */
  records(pathOf: (name: LinkedName) => SystemPath): TreeRecord[] {
    const records: TreeRecord[] = [];
    for (const { names } of this.#byInode.values()) {
      if (names.length < 2) continue;
      const paths = names.map((name) => pathBytes(pathOf(name))).sort((a, b) => a.compare(b));
      records.push({ name: paths[0] as Buffer, record: encodeLinkGroup(paths), entryCount: 1, totalBytes: 0 });
    }
    return records.sort((a, b) => a.name.compare(b.name));
  }
}

function nameKey(name: LinkedName): string {
  return `${name.directory}:${name.entry}`;
}
