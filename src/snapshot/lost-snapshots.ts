/**
 * Lost snapshots: which snapshots refer to chunks that are gone.
 */
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { DigestSet } from "../hash/digest-set.js";
import { NO_DIGEST } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import { contentItems } from "../tree/content-list.js";
import { decodeEntry } from "../tree/entry-codec.js";
import { decodeChild, decodeNode, NODE_TYPES } from "../tree/node-codec.js";
import { readRoot } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";

/**
 * Returns the snapshots that refer to chunks that are gone. Reads each node that these snapshots share once.
 *
 * @param gone chunks that the catalog still lists: none of them is read
 */
export function lostSnapshots(
  objects: ObjectSource,
  snapshots: Iterable<SnapshotRow>,
  gone: DigestSet,
): SnapshotRow[] {
  const walk = new Walk(objects, gone);
  return [...snapshots].filter((row) => walk.isLost(row));
}

class Walk {
  readonly #objects: ObjectSource;
  readonly #gone: DigestSet;
  /** Nodes below which nothing is gone. */
  readonly #whole = new DigestSet();

  constructor(objects: ObjectSource, gone: DigestSet) {
    this.#gone = gone;
    this.#objects = {
      readObject: (digest) => {
        if (gone.has(digest)) throw new Gone();
        return objects.readObject(digest);
      },
    };
  }

  isLost({ record, digest }: SnapshotRow): boolean {
    if (this.#gone.has(record)) return true;
    return this.#once(digest, () => {
      const root = readRoot(this.#objects, digest);
      return (root.links !== undefined && this.#tree(root.links)) || this.#tree(root.entry.tree);
    });
  }

  #tree(digest: Buffer): boolean {
    return this.#once(digest, () => {
      const { type, records } = decodeNode(this.#objects.readObject(digest));
      if (type === NODE_TYPES.index)
        return records.some((record) => this.#tree(decodeChild(record).digest));
      return type === NODE_TYPES.entries && records.some((record) => this.#entry(record));
    });
  }

  #entry(record: Buffer): boolean {
    const entry = decodeEntry(record);
    if (entry.kind === "directory") return this.#tree(entry.tree);
    if (entry.kind !== "file" || entry.content.form === "empty") return false;
    const { form, digest } = entry.content;
    if (form === "chunk") return this.#gone.has(digest);
    return this.#once(digest, () => {
      for (const item of contentItems(this.#objects, digest))
        if (!item.digest.equals(NO_DIGEST) && this.#gone.has(item.digest)) return true;
      return false;
    });
  }

  #once(digest: Buffer, isLost: () => boolean): boolean {
    if (this.#gone.has(digest)) return true;
    if (this.#whole.has(digest)) return false;
    try {
      if (isLost()) return true;
    } catch (error) {
      if (error instanceof Gone) return true;
      // Damage of another kind takes no snapshot with it: who reads there is told.
      if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
    }
    this.#whole.add(digest);
    return false;
  }
}

/** Thrown where something that is gone would be read. */
class Gone extends Error {}
