/**
 * Omitted below: the omitted paths that stand in the layers below an upper directory, which has no names for them.
 */
import type { DirectoryEntry } from "../../model/entry.js";
import { keyOf } from "../../scan/source-directory.js";
import type { SystemPath } from "../../system/system-path.js";
import { decodeEntry } from "../../tree/entry-codec.js";
import type { NodeSink } from "../../tree/tree-builder.js";
import { TreeEdits } from "../../tree/tree-edits.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { findRecord } from "../../tree/tree-reader.js";
import type { Listing, SeenDirectory } from "./seen-directory.js";
import type { Below } from "./upper-place.js";

export class OmittedBelow {
  readonly #objects: ObjectSource;
  readonly #nodes: NodeSink;
  readonly #omit: readonly string[];

  /** @param omit see model/omitted-paths */
  constructor(objects: ObjectSource, nodes: NodeSink, omit: readonly string[]) {
    this.#objects = objects;
    this.#nodes = nodes;
    this.#omit = omit;
  }

  /**
   * Returns what becomes of names that a directory of the upper layer does not have.
   *
   * @param before in whose tree it was done already, for the names that it did not have either
   * @param shown tells the directory below
   */
  edits(
    path: SystemPath,
    listing: Listing,
    before: SeenDirectory | undefined,
    shown: Below,
  ): ReadonlyMap<string, Buffer | undefined> {
    const edits = new Map<string, Buffer | undefined>();
    if (this.#omit.length === 0) return edits;
    for (const [name, paths] of this.#under(path)) {
      if (listing.positionOf(name) !== undefined) continue;
      if (before !== undefined && before.listing.positionOf(name) === undefined) continue;
      const below = shown();
      const record = below && findRecord(this.#objects, below.tree, Buffer.from(name, "latin1"));
      if (record !== undefined) edits.set(name, this.#without(record, paths));
    }
    return edits;
  }

  /** Returns the omitted paths below a directory, from there on, by their first names. */
  #under(path: SystemPath): Map<string, string[]> {
    const prefix = path.length === 0 ? "" : `${keyOf(path)}/`;
    const found = new Map<string, string[]>();
    for (const each of this.#omit) {
      if (!each.startsWith(prefix)) continue;
      const [name = "", ...names] = each.slice(prefix.length).split("/");
      found.set(name, [...(found.get(name) ?? []), names.join("/")]);
    }
    return found;
  }

  /** Returns the record of what is left of a name; the path of the name itself is empty. */
  #without(record: Buffer, paths: readonly string[]): Buffer | undefined {
    if (paths.includes("")) return undefined;
    const entry = decodeEntry(record);
    if (entry.kind !== "directory") return record;
    return this.#edited(record, entry, paths);
  }

  #edited(record: Buffer, entry: DirectoryEntry, paths: readonly string[]): Buffer {
    const outcome = { same: entry, changed: entry, goesWhenEmpty: false };
    const edits = new TreeEdits(this.#objects, record, outcome);
    for (const path of paths) edits.put(Buffer.from(path, "latin1"), undefined, entry);
    return edits.build(this.#nodes);
  }
}
