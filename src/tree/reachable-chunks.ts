/**
 * Reachable chunks: all that some roots refer to, and what that refers to, down to the bytes of files.
 */
import { DigestSet } from "../hash/digest-set.js";
import { DIGEST_BYTES } from "../model/digest.js";
import type { ObjectRole } from "./references.js";
import { visitReferences } from "./references.js";
import type { ObjectSource } from "./tree-reader.js";

/** Where to start. */
export interface ReachableRoot {
  readonly digest: Buffer;
  /** As what it is read; what refers to nothing is `data`. */
  readonly role: ObjectRole | "data";
}

/**
 * The chunks that were reached: 64 to 128 bytes each. A chunk is told by its digest and by what it was read as, since equal bytes can
 * be a file's and a tree's.
 */
export class ReachableChunks {
  readonly #objects: ObjectSource;
  readonly #onData: (bytes: Buffer, digestAt: number) => void;
  readonly #reached = {
    root: new DigestSet(),
    tree: new DigestSet(),
    list: new DigestSet(),
    data: new DigestSet(),
  };

  /** @param onData told of each chunk that is not read, once */
  constructor(
    objects: ObjectSource,
    onData: (bytes: Buffer, digestAt: number) => void = () => undefined,
  ) {
    this.#objects = objects;
    this.#onData = onData;
  }

  /** How many were reached. */
  get count(): number {
    const { root, tree, list, data } = this.#reached;
    return root.size + tree.size + list.size + data.size;
  }

  /** Returns whether the chunk was reached whose digest starts at an offset of some bytes. */
  has(bytes: Buffer, at = 0): boolean {
    const { root, tree, list, data } = this.#reached;
    return data.has(bytes, at) || tree.has(bytes, at) || list.has(bytes, at) || root.has(bytes, at);
  }

  /**
   * Reaches everything from some roots; what was reached before is not read again. Reads each object once, and yields
   * after it.
   *
   * @throws {CoppiceError} CORRUPT where an object is missing or damaged
   */
  *reach(roots: Iterable<ReachableRoot>): Generator<void, void> {
    const pending: { readonly role: ObjectRole; readonly digest: Buffer }[] = [];
    const visitor = {
      object: (role: ObjectRole, bytes: Buffer, at: number) => {
        if (this.#reached[role].add(bytes, at))
          pending.push({ role, digest: bytes.subarray(at, at + DIGEST_BYTES) });
      },
      data: (bytes: Buffer, at: number) => {
        if (this.#reached.data.add(bytes, at)) this.#onData(bytes, at);
      },
    };
    for (const { digest, role } of roots) {
      if (role === "data") visitor.data(digest, 0);
      else visitor.object(role, digest, 0);
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        visitReferences(this.#objects.readObject(next.digest), next.role, visitor);
        yield;
      }
    }
  }
}
