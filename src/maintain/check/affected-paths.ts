/**
 * Affected paths: which paths of which snapshots damaged chunks are part of. One walk over all trees: what snapshots share and is
 * whole is read once.
 */
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import type { DigestSet } from "../../hash/digest-set.js";
import { DigestSet as Digests } from "../../hash/digest-set.js";
import type { PathListDraft } from "../../model/capture-report.js";
import { addPath, emptyPathList } from "../../model/capture-report.js";
import { NO_DIGEST } from "../../model/digest.js";
import { CoppiceError } from "../../model/error.js";
import { REPORT_LIST_MAX } from "../../model/limits.js";
import { childPath } from "../../model/tree-path.js";
import { visitItems } from "../../tree/content-list.js";
import { decodeEntry } from "../../tree/entry-codec.js";
import { decodeChild, decodeNode, NODE_TYPES } from "../../tree/node-codec.js";
import { readRoot } from "../../tree/root.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import type { AffectedSnapshot } from "./damage.js";

/** Paths that are told of all snapshots together; those beyond are counted. */
const PATHS_MAX = 10 * REPORT_LIST_MAX;

/**
 * Returns the snapshots that damaged chunks are part of, and their paths. Yields now and then.
 *
 * @param damaged chunks that are damaged or missing: none of them is read
 * @param sizes the sizes of the files that they are part of are added to it
 */
export function* affectedPaths(
  objects: ObjectSource,
  snapshots: Iterable<SnapshotRow>,
  damaged: DigestSet,
  sizes: Set<number> = new Set(),
): Generator<void, AffectedSnapshot[]> {
  if (damaged.size === 0) return [];
  const walk = new Walk(objects, damaged, sizes);
  const affected: AffectedSnapshot[] = [];
  for (const row of snapshots) {
    const paths = yield* walk.pathsOf(row);
    const { id, name } = row;
    if (paths.count > 0 || damaged.has(row.record))
      affected.push({ id, ...(name === undefined ? {} : { name }), paths });
  }
  return affected;
}

class Walk {
  readonly #objects: ObjectSource;
  readonly #damaged: DigestSet;
  readonly #sizes: Set<number>;
  /** Trees and lists in which nothing is damaged. */
  readonly #whole = new Digests();
  /** How many paths are affected in other trees. */
  readonly #counts = new Map<string, number>();
  #left = PATHS_MAX;
  #list: PathListDraft = emptyPathList();

  constructor(objects: ObjectSource, damaged: DigestSet, sizes: Set<number>) {
    this.#sizes = sizes;
    this.#damaged = damaged;
    this.#objects = {
      readObject(digest) {
        if (damaged.has(digest)) throw new CoppiceError("CORRUPT", "It is damaged");
        return objects.readObject(digest);
      },
    };
  }

  *pathsOf({ digest }: SnapshotRow): Generator<void, PathListDraft> {
    this.#list = emptyPathList();
    yield* this.#guarded(EMPTY, undefined, function* (this: Walk) {
      const root = readRoot(this.#objects, digest);
      if (root.links !== undefined)
        yield* this.#guarded(EMPTY, "which names are one file", () => this.#nodes(root.links!));
      yield* this.#directory(root.entry.tree, EMPTY);
    });
    return this.#list;
  }

  /** Adds a path where something on the way to it is damaged. */
  *#guarded(
    path: Buffer,
    reason: string | undefined,
    body: (this: Walk) => Generator<void>,
  ): Generator<void> {
    try {
      yield* body.call(this);
    } catch (error) {
      if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
      this.#add(path, reason);
    }
  }

  /** Reads the nodes of a tree whose records refer to nothing. */
  *#nodes(digest: Buffer): Generator<void> {
    const { type, records } = decodeNode(this.#objects.readObject(digest));
    yield;
    if (type === NODE_TYPES.index)
      for (const record of records) yield* this.#nodes(decodeChild(record).digest);
  }

  *#directory(tree: Buffer, path: Buffer): Generator<void> {
    if (this.#whole.has(tree)) return;
    const key = tree.toString("latin1");
    const known = this.#counts.get(key);
    if (known !== undefined && this.#isFull) {
      this.#list.count += known;
      return;
    }
    const before = this.#list.count;
    let isTorn = false;
    for (const found of this.#entries(tree)) {
      if (found === undefined) isTorn = true;
      else if (found.kind === "directory")
        yield* this.#directory(found.tree, childPath(path, found.name));
      else if (found.kind === "file" && found.content.form !== "empty") {
        const { form, digest } = found.content;
        if (form === "chunk" ? this.#damaged.has(digest) : this.#isListDamaged(digest)) {
          this.#sizes.add(found.sizeBytes);
          this.#add(childPath(path, found.name), undefined);
        }
      }
    }
    if (isTorn) this.#add(path, "a part of what is in it is not known");
    const count = this.#list.count - before;
    if (count === 0) this.#whole.add(tree);
    else this.#counts.set(key, count);
    yield;
  }

  /** Yields the entries of a directory; `undefined` for those that are not known. */
  *#entries(tree: Buffer): Generator<ReturnType<typeof decodeEntry> | undefined> {
    try {
      const { type, records } = decodeNode(this.#objects.readObject(tree));
      if (type === NODE_TYPES.entries) for (const record of records) yield decodeEntry(record);
      if (type === NODE_TYPES.index)
        for (const record of records) yield* this.#entries(decodeChild(record).digest);
    } catch (error) {
      if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
      yield undefined;
    }
  }

  #isListDamaged(list: Buffer): boolean {
    if (this.#damaged.has(list)) return true;
    if (this.#whole.has(list)) return false;
    let isDamaged = false;
    try {
      visitItems(this.#objects, list, (_, node, at) => {
        const isHole =
          node.compare(NO_DIGEST, 0, NO_DIGEST.length, at, at + NO_DIGEST.length) === 0;
        isDamaged ||= !isHole && this.#damaged.has(node, at);
      });
    } catch (error) {
      if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
      isDamaged = true;
    }
    if (!isDamaged) this.#whole.add(list);
    return isDamaged;
  }

  get #isFull(): boolean {
    return this.#left <= 0 || this.#list.paths.length >= REPORT_LIST_MAX;
  }

  #add(path: Buffer, reason: string | undefined): void {
    if (this.#left-- > 0) addPath(this.#list, path, reason);
    else this.#list.count++;
  }
}

const EMPTY = Buffer.alloc(0);
