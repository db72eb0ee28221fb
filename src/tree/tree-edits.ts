/**
 * Tree edits: what becomes of names anywhere below a directory, and the tree that comes of it.
 */
import type { DirectoryEntry, Entry } from "../model/entry.js";
import { parseTreePath } from "../model/tree-path.js";
import type { RecordEdits } from "./edit-tree.js";
import { editTree } from "./edit-tree.js";
import { decodeEntry, encodeEntry, recordName } from "./entry-codec.js";
import { NODE_TYPES } from "./node-codec.js";
import type { NodeSink } from "./tree-builder.js";
import { buildTree } from "./tree-builder.js";
import type { ObjectSource } from "./tree-reader.js";
import { findEntry, findRecord } from "./tree-reader.js";

/** What a directory's own attributes become. */
export interface DirectoryOutcome {
  /** Where its tree stays as it is. */
  readonly same: DirectoryEntry;
  /** Where its tree becomes another. */
  readonly changed: DirectoryEntry;
  /** Whether it goes where nothing is left in it. */
  readonly goesWhenEmpty: boolean;
}

/** A directory in which names are changed. */
export class DirectoryEdit {
  readonly parent: DirectoryEdit | undefined;
  /** As it is before. */
  readonly record: Buffer;
  readonly entry: DirectoryEntry;
  /** Whether the tree that is edited has something else under its name. */
  readonly isNew: boolean;
  outcome: DirectoryOutcome;
  /** By name in Latin-1: the record that it gets, nothing, or a directory that is edited in turn. */
  readonly #names = new Map<string, Buffer | undefined | DirectoryEdit>();

  constructor(
    parent: DirectoryEdit | undefined,
    record: Buffer,
    outcome: DirectoryOutcome,
    isNew: boolean,
  ) {
    this.isNew = isNew;
    this.parent = parent;
    this.record = record;
    this.entry = decodeEntry(record) as DirectoryEntry;
    this.outcome = outcome;
  }

  get(name: Buffer): Buffer | undefined | DirectoryEdit {
    return this.#names.get(name.toString("latin1"));
  }

  has(name: Buffer): boolean {
    return this.#names.has(name.toString("latin1"));
  }

  set(name: Buffer, edit: Buffer | undefined | DirectoryEdit): void {
    this.#names.set(name.toString("latin1"), edit);
  }

  /** Leaves a name as it is. */
  drop(name: Buffer): void {
    this.#names.delete(name.toString("latin1"));
  }

  /** Returns the directory's new record, `undefined` where it goes; the directories edited in it are finished. */
  finish(objects: ObjectSource, nodes: NodeSink): Buffer | undefined {
    const { same, changed, goesWhenEmpty } = this.outcome;
    if (this.#names.size === 0) {
      const isGone = goesWhenEmpty && this.entry.entryCount === 0;
      return isGone ? undefined : encodeEntry(same);
    }
    // The tree of one that was made empty is stored nowhere.
    const before = this.entry.entryCount === 0 ? undefined : this.entry.tree;
    const built = editTree(objects, before, this.#names as RecordEdits, nodes);
    const { digest: tree, stateDigest: stateTree, entryCount, totalBytes } = built;
    if (goesWhenEmpty && entryCount === 0) return undefined;
    const own = tree.equals(this.entry.tree) ? same : changed;
    return encodeEntry({ ...own, tree, stateTree, entryCount, totalBytes });
  }
}

export class TreeEdits {
  readonly root: DirectoryEdit;
  readonly #objects: ObjectSource;
  /** Parents before what is below them. */
  readonly #directories: DirectoryEdit[];

  /** @param objects has the tree that is edited, and those that names are taken from */
  constructor(objects: ObjectSource, root: Buffer, outcome: DirectoryOutcome) {
    this.#objects = objects;
    this.root = new DirectoryEdit(undefined, root, outcome, false);
    this.#directories = [this.root];
  }

  /** Edits a directory; its name in the parent gets what comes of it. */
  edit(parent: DirectoryEdit, record: Buffer, outcome: DirectoryOutcome): DirectoryEdit {
    return this.#add(new DirectoryEdit(parent, record, outcome, false));
  }

  /** Has a name become a directory, and edits that. */
  editNew(parent: DirectoryEdit, record: Buffer, outcome: DirectoryOutcome): DirectoryEdit {
    return this.#add(new DirectoryEdit(parent, record, outcome, true));
  }

  /**
   * Has a path become something else, or nothing.
   *
   * @param like has the directories on the way, of which those that are missing are made, with nothing else in them
   */
  put(path: Buffer, record: Buffer | undefined, like: DirectoryEntry): void {
    const names = parseTreePath(path);
    const last = names.pop();
    if (last === undefined) throw new Error("A root is no name");
    let directory = this.root;
    let model: Entry | undefined;
    for (const [index, name] of names.entries()) {
      let next = this.#opened(directory, name);
      if (next === undefined && record !== undefined) {
        model =
          model?.kind === "directory"
            ? findEntry(this.#objects, model, [name])
            : findEntry(this.#objects, like, names.slice(0, index + 1));
        next = this.#made(directory, model);
      }
      if (next === undefined) return;
      directory = next;
    }
    directory.set(last, record);
  }

  /** Returns a directory that is edited, if it is. */
  directoryAt(path: Buffer): DirectoryEdit | undefined {
    const { directory, rest } = this.#locate(path);
    return rest.length === 0 ? directory : undefined;
  }

  /** Returns whether a path, or a directory that it lies in, gets another record or goes. */
  isEdited(path: Buffer): boolean {
    const { directory, rest } = this.#locate(path);
    return rest[0] === undefined || directory.has(rest[0]);
  }

  /** Returns the record that a path which is no edited directory has afterwards; `undefined` where there is nothing. */
  recordAt(path: Buffer): Buffer | undefined {
    const { directory, rest } = this.#locate(path);
    const [first, ...below] = rest;
    if (first === undefined) return undefined;
    let record = directory.has(first)
      ? (directory.get(first) as Buffer | undefined)
      : this.#recordIn(directory, first);
    for (const name of below) {
      const entry = record === undefined ? undefined : decodeEntry(record);
      if (entry?.kind !== "directory") return undefined;
      record = findRecord(this.#objects, entry.tree, name);
    }
    return record;
  }

  /** Leaves a path as it is, where it was edited by itself. */
  drop(path: Buffer): void {
    const { directory, rest } = this.#locate(path);
    if (rest.length === 1) directory.drop(rest[0] as Buffer);
  }

  /** Returns the record of the root that comes of it; hands the nodes of all new trees to the sink. */
  build(nodes: NodeSink): Buffer {
    for (const directory of this.#directories.toReversed()) {
      const record = directory.finish(this.#objects, nodes);
      const { parent, isNew } = directory;
      if (parent === undefined) return record ?? directory.record;
      const name = recordName(directory.record);
      // Something else was put in its place.
      if (parent.get(name) !== directory) continue;
      if (!isNew && record?.equals(directory.record) === true) parent.drop(name);
      else parent.set(name, record);
    }
    return this.root.record;
  }

  #add(edit: DirectoryEdit): DirectoryEdit {
    edit.parent?.set(recordName(edit.record), edit);
    this.#directories.push(edit);
    return edit;
  }

  /** Returns a directory that is there, to be edited; `undefined` where it is none. */
  #opened(parent: DirectoryEdit, name: Buffer): DirectoryEdit | undefined {
    const isEdited = parent.has(name);
    const known = isEdited ? parent.get(name) : this.#recordIn(parent, name);
    if (known === undefined || known instanceof DirectoryEdit) return known;
    const entry = decodeEntry(known);
    if (entry.kind !== "directory") return undefined;
    const outcome = { same: entry, changed: entry, goesWhenEmpty: false };
    return isEdited ? this.editNew(parent, known, outcome) : this.edit(parent, known, outcome);
  }

  #recordIn({ entry }: DirectoryEdit, name: Buffer): Buffer | undefined {
    return entry.entryCount === 0 ? undefined : findRecord(this.#objects, entry.tree, name);
  }

  /** Makes a directory as another tree has it, but empty. */
  #made(parent: DirectoryEdit, model: Entry | undefined): DirectoryEdit | undefined {
    if (model?.kind !== "directory") return undefined;
    const { digest: tree, stateDigest: stateTree } = buildTree(NODE_TYPES.entries, [], NOWHERE);
    const entry = { ...model, tree, stateTree, entryCount: 0, totalBytes: 0 };
    const outcome = { same: entry, changed: entry, goesWhenEmpty: true };
    return this.editNew(parent, encodeEntry(entry), outcome);
  }

  /** Returns the last edited directory on the way to a path, and the names from there on. */
  #locate(path: Buffer): { directory: DirectoryEdit; rest: Buffer[] } {
    const rest = parseTreePath(path);
    let directory = this.root;
    while (rest[0] !== undefined) {
      const next = directory.get(rest[0]);
      if (!(next instanceof DirectoryEdit)) break;
      directory = next;
      rest.shift();
    }
    return { directory, rest };
  }
}

const NOWHERE: NodeSink = { putNode: () => undefined };
