/**
 * File contents: what files below some trees hold, and where it stands. A tree that many snapshots share is read once.
 */
import { DigestSet } from "../../hash/digest-set.js";
import type { Content, FileEntry } from "../../model/entry.js";
import { childPath } from "../../model/tree-path.js";
import { decodeEntry } from "../../tree/entry-codec.js";
import { decodeChild, NODE_TYPES } from "../../tree/node-codec.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { readNode } from "../../tree/tree-reader.js";

/** The bytes of a file that has some. */
export interface FileContent {
  readonly content: Exclude<Content, { readonly form: "empty" }>;
  readonly sizeBytes: number;
}

/** A content where it stands, relative to some directory. */
export interface FoundContent {
  readonly path: Buffer;
  readonly content: FileContent;
}

/** Collects contents, each once. */
export class ContentCollection {
  readonly all: FileContent[] = [];
  readonly #objects: ObjectSource;
  readonly #trees = new DigestSet();
  readonly #contents = new DigestSet();

  constructor(objects: ObjectSource) {
    this.#objects = objects;
  }

  /** Adds the content of a file. */
  addFile(file: FileEntry): void {
    const content = contentOf(file);
    if (content !== undefined && this.#contents.add(content.content.digest)) this.all.push(content);
  }

  /** Adds the contents of all files below a tree; yields now and then. */
  *addTree(tree: Buffer): Generator<void, void> {
    if (!this.#trees.add(tree)) return;
    const { type, records } = readNode(this.#objects, tree);
    yield;
    for (const record of records) {
      if (type === NODE_TYPES.index) {
        yield* this.addTree(decodeChild(record).digest);
        continue;
      }
      const entry = decodeEntry(record);
      if (entry.kind === "directory") yield* this.addTree(entry.tree);
      else if (entry.kind === "file") this.addFile(entry);
    }
  }
}

/** Finds some contents. */
export class ContentFinder {
  readonly #objects: ObjectSource;
  readonly #wanted: DigestSet;
  /** Trees in which none of them is, and what the others have, by digest in Latin-1. */
  readonly #without = new DigestSet();
  readonly #with = new Map<string, readonly FoundContent[]>();

  /** @param wanted digests as entries have them: of the only chunk, or of the list */
  constructor(objects: ObjectSource, wanted: DigestSet) {
    this.#objects = objects;
    this.#wanted = wanted;
  }

  /** Returns where they stand in a tree and below, in the order of the paths' names; yields now and then. */
  *find(tree: Buffer): Generator<void, readonly FoundContent[]> {
    if (this.#wanted.size === 0 || this.#without.has(tree)) return NOTHING;
    const key = tree.toString("latin1");
    const known = this.#with.get(key);
    if (known !== undefined) return known;
    const found: FoundContent[] = [];
    const { type, records } = readNode(this.#objects, tree);
    yield;
    for (const record of records) {
      if (type === NODE_TYPES.index) {
        found.push(...(yield* this.find(decodeChild(record).digest)));
        continue;
      }
      const entry = decodeEntry(record);
      if (entry.kind === "directory") {
        for (const { path, content } of yield* this.find(entry.tree))
          found.push({ path: childPath(entry.name, path), content });
      } else if (entry.kind === "file") {
        const content = contentOf(entry);
        if (content !== undefined && this.#wanted.has(content.content.digest))
          found.push({ path: Buffer.from(entry.name), content });
      }
    }
    if (found.length === 0) this.#without.add(tree);
    else this.#with.set(key, found);
    return found;
  }
}

const NOTHING: readonly FoundContent[] = [];

function contentOf({ content, sizeBytes }: FileEntry): FileContent | undefined {
  return content.form === "empty" ? undefined : { content, sizeBytes };
}
