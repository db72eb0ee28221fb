/**
 * Reachable chunks: all that some roots refer to, and what that refers to, down to the bytes of files.
 */
import { DigestSet } from "../hash/digest-set.js";
import { DIGEST_BYTES } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import type { ObjectRole, ReferenceVisitor } from "./references.js";
import { visitReferences } from "./references.js";
import type { ObjectSource } from "./tree-reader.js";

/** Where to start. */
export interface ReachableRoot {
  readonly digest: Buffer;
  /** As what it is read; what refers to nothing is `data`. */
  readonly role: ObjectRole | "data";
}

/** Told of what is reached, each once. */
export interface ReachWatcher {
  /** A chunk that is not read. */
  readonly onData?: (bytes: Buffer, digestAt: number) => void;
  /** An object that was read. */
  readonly onObject?: (bytes: Buffer, role: ObjectRole) => void;
  /** An object that is missing or damaged, or of which `onObject` throws; without it the error ends the work. */
  readonly onDamage?: (digest: Buffer, role: ObjectRole, error: CoppiceError) => void;
}

/**
 * The chunks that were reached: 64 to 128 bytes each. A chunk is told by its digest and by what it was read as, since equal bytes can
 * be a file's and a tree's.
 */
export class ReachableChunks {
  readonly #objects: ObjectSource;
  readonly #watcher: ReachWatcher;
  readonly #reached = {
    root: new DigestSet(),
    tree: new DigestSet(),
    list: new DigestSet(),
    data: new DigestSet(),
  };

  constructor(objects: ObjectSource, watcher: ReachWatcher = {}) {
    this.#objects = objects;
    this.#watcher = watcher;
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

  /** How many were reached as what refers to nothing. */
  get dataCount(): number {
    return this.#reached.data.size;
  }

  /** Yields the digests of what was reached as what refers to nothing. */
  get data(): Iterable<Buffer> {
    return this.#reached.data;
  }

  /** As `has`, for chunks that were reached as what refers to nothing. */
  hasData(bytes: Buffer, at = 0): boolean {
    return this.#reached.data.has(bytes, at);
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
        if (this.#reached.data.add(bytes, at)) this.#watcher.onData?.(bytes, at);
      },
    };
    for (const { digest, role } of roots) {
      if (role === "data") visitor.data(digest, 0);
      else visitor.object(role, digest, 0);
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        this.#visit(next.digest, next.role, visitor);
        yield;
      }
    }
  }

  #visit(digest: Buffer, role: ObjectRole, visitor: ReferenceVisitor): void {
    const { onObject, onDamage } = this.#watcher;
    try {
      const bytes = this.#objects.readObject(digest);
      visitReferences(bytes, role, visitor);
      onObject?.(bytes, role);
    } catch (error) {
      if (onDamage === undefined || !(error instanceof CoppiceError && error.code === "CORRUPT"))
        throw error;
      onDamage(digest, role, error);
    }
  }
}
