/**
 * Lost snapshots: which snapshots refer to chunks that are gone.
 */
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { DigestSet } from "../hash/digest-set.js";
import { DIGEST_BYTES } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import type { ObjectRole } from "../tree/references.js";
import { visitReferences } from "../tree/references.js";
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
    this.#objects = objects;
  }

  isLost({ record, digest }: SnapshotRow): boolean {
    return this.#gone.has(record) || this.#refersToGone("root", digest);
  }

  #refersToGone(role: ObjectRole, digest: Buffer): boolean {
    if (this.#gone.has(digest)) return true;
    if (this.#whole.has(digest)) return false;
    let isLost = false;
    const below: { readonly role: ObjectRole; readonly digest: Buffer }[] = [];
    try {
      visitReferences(this.#objects.readObject(digest), role, {
        object: (kind, bytes, at) =>
          void below.push({ role: kind, digest: bytes.subarray(at, at + DIGEST_BYTES) }),
        data: (bytes, at) => {
          isLost ||= this.#gone.has(bytes, at);
        },
      });
    } catch (error) {
      // Damage of another kind takes no snapshot with it: who reads there is told.
      if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
    }
    if (isLost || below.some((each) => this.#refersToGone(each.role, each.digest))) return true;
    this.#whole.add(digest);
    return false;
  }
}
