/**
 * Merge trees: what two sides made of one base, put together.
 *
 * Name by name: what `theirs` changed since `base` becomes part of `ours`, where `ours` did not change the same
 * thing. Where it did, ours stays and a conflict says so. What decides is content, mode, owner and extended
 * attributes; times are never in the way, and owners are not in the way of a removal.
 *
 * Either ours comes first, as where a directory is changed in place, or the sides are even: swapped, they give the same.
 *
 * Costs what both sides changed in the directories that theirs changed: trees that are equal are not read.
 */
import type { DirectoryEntry, Entry } from "../model/entry.js";
import { childPath } from "../model/tree-path.js";
import { atOnce } from "../threads/in-turns.js";
import type { ThreeRecords } from "./changed-records.js";
import { changedRecords } from "./changed-records.js";
import { decodeEntry, encodeEntry, recordName } from "./entry-codec.js";
import { sameContent } from "./entry-difference.js";
import type { LinkGroup } from "./links-codec.js";
import type { EntryTime } from "./merge-entries.js";
import { mergeDirectories, mergeEntries, mergeEqual } from "./merge-entries.js";
import { mergeLinks } from "./merge-links.js";
import type { MergeSides, TreeConflict, TreeConflictKind } from "./tree-conflict.js";
import type { DirectoryEdit, DirectoryOutcome } from "./tree-edits.js";
import { TreeEdits } from "./tree-edits.js";
import type { ObjectSource, RecordDifference } from "./tree-reader.js";
import { differingRecords, treeRecords } from "./tree-reader.js";
import { isSame, isSameState } from "./tree-record.js";

/** How trees are merged. */
export interface MergeOptions {
  /**
   * The time of a directory that both sides changed. `undefined` makes the sides even: of two times the later one counts,
   * and what both made in different ways is a conflict, down to the owner.
   */
  readonly mergedAt: EntryTime | undefined;
  /** Whether a path is looked at; where it is not, nothing becomes of what theirs has there. @default everything */
  readonly includes?: ((path: Buffer, isDirectory: boolean) => boolean) | undefined;
}

/** What becomes of the names in ours. */
export interface NameMerge {
  readonly edits: TreeEdits;
  /** In no order. */
  readonly conflicts: TreeConflict[];
  /** Paths that one side removed, and that the other one removed or changed too. */
  readonly removals: readonly Buffer[];
}

/** What becomes of ours. */
export interface TreeMerge {
  readonly edits: TreeEdits;
  /** The hard-link groups afterwards; `undefined` where they stay as they are. */
  readonly links: readonly LinkGroup[] | undefined;
  /** Sorted by path. */
  readonly conflicts: readonly TreeConflict[];
}

/**
 * Merges trees; see above. Nothing is built yet: `TreeEdits.build` and `buildLinks` do that.
 *
 * @param objects has all three trees
 */
export function mergeTrees(
  objects: ObjectSource,
  sides: MergeSides,
  options: MergeOptions,
): TreeMerge {
  const { edits, conflicts } = atOnce(mergeNames(objects, sides, options));
  const { groups, split } = mergeLinks(objects, sides, edits);
  conflicts.push(...split);
  conflicts.sort((a, b) => a.path.compare(b.path));
  return { edits, links: groups, conflicts };
}

/** Merges trees without their hard links, as `mergeTrees` does; yields at each name. */
export function mergeNames(
  objects: ObjectSource,
  sides: MergeSides,
  options: MergeOptions,
): Generator<void, NameMerge> {
  return new Merger(objects, sides, options).run();
}

/** A directory to look at. */
type Pending = { readonly path: Buffer } & (
  | {
      /** Both have it, and may have changed what is in it. */
      readonly what: "both";
      readonly edit: DirectoryEdit;
      readonly base: DirectoryEntry | undefined;
      readonly theirs: DirectoryEntry;
    }
  /** Theirs removed it, and in ours it is not what it was. */
  | { readonly what: "gone"; readonly edit: DirectoryEdit; readonly base: DirectoryEntry }
  /** Ours removed it, and in theirs it is not what it was. */
  | { readonly what: "lost"; readonly base: DirectoryEntry; readonly theirs: DirectoryEntry }
  /** Theirs made it, and some of it may be left out. */
  | { readonly what: "new"; readonly edit: DirectoryEdit }
);

class Merger {
  readonly #objects: ObjectSource;
  readonly #options: MergeOptions;
  readonly #edits: TreeEdits;
  readonly #conflicts: TreeConflict[] = [];
  readonly #removals: Buffer[] = [];
  /** No recursion: a path of 4,096 bytes may have 2,000 names. */
  readonly #pending: Pending[] = [];

  constructor(objects: ObjectSource, { base, ours, theirs }: MergeSides, options: MergeOptions) {
    this.#objects = objects;
    this.#options = options;
    const outcome = this.#outcome(EMPTY, base.entry, ours.entry, theirs.entry);
    this.#edits = new TreeEdits(objects, encodeEntry(ours.entry), outcome);
    const edit = this.#edits.root;
    this.#pending.push({
      what: "both",
      path: EMPTY,
      edit,
      base: base.entry,
      theirs: theirs.entry,
    });
  }

  *run(): Generator<void, NameMerge> {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      if (next.what === "both") yield* this.#both(next);
      else if (next.what === "gone") yield* this.#gone(next);
      else if (next.what === "lost") yield* this.#lost(next);
      else yield* this.#new(next);
    }
    return { edits: this.#edits, conflicts: this.#conflicts, removals: this.#removals };
  }

  *#both({ path, edit, base, theirs }: Extract<Pending, { what: "both" }>): Generator<void> {
    const changed = changedRecords(this.#objects, base?.tree, edit.entry.tree, theirs.tree);
    for (const each of changed) {
      yield;
      const isGone = each.ours === undefined || each.theirs === undefined;
      if (isSame(each.ours, each.theirs) && !isGone) continue;
      const child = this.#included(path, (each.theirs ?? each.base) as Buffer);
      if (child === undefined) continue;
      if (isGone && !isSame(each.ours, each.base)) this.#removals.push(child);
      if (!isSame(each.ours, each.theirs)) this.#name(child, edit, each);
    }
  }

  /** Decides on a name that theirs changed. */
  #name(path: Buffer, edit: DirectoryEdit, records: ThreeRecords): void {
    const base = entryOf(records.base);
    const ours = entryOf(records.ours);
    const theirs = entryOf(records.theirs);
    const isOursUntouched = isSame(records.ours, records.base);
    const conflict = (kind: TreeConflictKind): void =>
      void this.#conflicts.push({ path, kind, base, ours, theirs });
    if (ours?.kind === "directory" && theirs?.kind === "directory") {
      if (isOursUntouched && this.#options.includes === undefined)
        edit.set(theirs.name, records.theirs);
      else this.#directory(path, edit, records.ours as Buffer, { base, ours, theirs });
    } else if (isOursUntouched) {
      this.#take(path, edit, records);
    } else if (theirs === undefined) {
      if (isSameState(records.ours, records.base)) this.#take(path, edit, records);
      else if (ours?.kind === "directory" && base?.kind === "directory")
        this.#remove(path, edit, records.ours as Buffer, base);
      else conflict("deleted-in-theirs");
    } else if (ours === undefined) {
      if (isSameState(records.theirs, records.base)) return;
      if (theirs.kind === "directory" && base?.kind === "directory")
        this.#pending.push({ what: "lost", path, base, theirs });
      else conflict("deleted-in-ours");
    } else if (base !== undefined && base.kind === ours.kind && base.kind === theirs.kind) {
      const merged = mergeEntries(base, ours, theirs, this.#isEven);
      if (typeof merged === "string") conflict(merged);
      else edit.set(merged.name, encodeEntry(merged));
    } else if (this.#isEven && sameContent(ours, theirs)) {
      const merged = mergeEqual(ours, theirs);
      if (merged === undefined) conflict("attributes");
      else edit.set(merged.name, encodeEntry(merged));
    } else if (isSameState(records.ours, records.base)) {
      this.#take(path, edit, records);
    } else if (
      !isSameState(records.theirs, records.base) &&
      !isSameState(records.theirs, records.ours)
    ) {
      conflict(base === undefined ? "added" : ours.kind === theirs.kind ? "content" : "type");
    }
  }

  /** Has ours become what theirs is. */
  #take(path: Buffer, edit: DirectoryEdit, { base, theirs }: ThreeRecords): void {
    const entry = entryOf(theirs);
    if (entry?.kind === "directory" && this.#options.includes !== undefined)
      this.#make(path, edit, theirs as Buffer, entry);
    else edit.set(recordName((theirs ?? base) as Buffer), theirs);
  }

  #make(path: Buffer, parent: DirectoryEdit, record: Buffer, entry: DirectoryEntry): void {
    const edit = this.#edits.editNew(parent, record, unchanged(entry, false));
    this.#pending.push({ what: "new", path, edit });
  }

  get #isEven(): boolean {
    return this.#options.mergedAt === undefined;
  }

  #remove(path: Buffer, parent: DirectoryEdit, record: Buffer, base: DirectoryEntry): void {
    const ours = decodeEntry(record) as DirectoryEntry;
    const edit = this.#edits.edit(parent, record, unchanged(ours, true));
    this.#pending.push({ what: "gone", path, edit, base });
  }

  #directory(
    path: Buffer,
    parent: DirectoryEdit,
    record: Buffer,
    sides: { base: Entry | undefined; ours: DirectoryEntry; theirs: DirectoryEntry },
  ): void {
    const { ours, theirs } = sides;
    const base = sides.base?.kind === "directory" ? sides.base : undefined;
    const edit = this.#edits.edit(parent, record, this.#outcome(path, base, ours, theirs));
    this.#pending.push({ what: "both", path, edit, base, theirs });
  }

  /** What ours changed or added stays, and so do the directories that hold it. */
  *#gone({ path, edit, base }: Extract<Pending, { what: "gone" }>): Generator<void> {
    const kept = new Set<string>();
    for (const difference of differingRecords(this.#objects, base.tree, edit.entry.tree)) {
      yield;
      const found = changeOf(difference);
      if (found === undefined) continue;
      const { before, after, record } = found;
      kept.add(after.name.toString("latin1"));
      const child = childPath(path, after.name);
      if (before?.kind === "directory" && after.kind === "directory")
        this.#remove(child, edit, record, before);
      else this.#conflict(child, "deleted-in-theirs", { base: before, ours: after });
    }
    for (const record of treeRecords(this.#objects, edit.entry.tree)) {
      yield;
      const name = recordName(record);
      if (!kept.has(name.toString("latin1"))) edit.set(name, undefined);
    }
  }

  *#lost({ path, base, theirs }: Extract<Pending, { what: "lost" }>): Generator<void> {
    for (const difference of differingRecords(this.#objects, base.tree, theirs.tree)) {
      yield;
      const found = changeOf(difference);
      if (found === undefined) continue;
      const { before, after, record } = found;
      const child = this.#included(path, record);
      if (child === undefined) continue;
      if (before?.kind === "directory" && after.kind === "directory")
        this.#pending.push({ what: "lost", path: child, base: before, theirs: after });
      else this.#conflict(child, "deleted-in-ours", { base: before, theirs: after });
    }
  }

  *#new({ path, edit }: Extract<Pending, { what: "new" }>): Generator<void> {
    for (const record of treeRecords(this.#objects, edit.entry.tree)) {
      yield;
      const child = this.#included(path, record);
      const entry = decodeEntry(record);
      if (child === undefined) edit.set(entry.name, undefined);
      else if (entry.kind === "directory") this.#make(child, edit, record, entry);
    }
  }

  #outcome(
    path: Buffer,
    base: DirectoryEntry | undefined,
    ours: DirectoryEntry,
    theirs: DirectoryEntry,
  ): DirectoryOutcome {
    const merged = mergeDirectories(base, ours, theirs, this.#options.mergedAt);
    if (merged.isConflict) this.#conflict(path, "attributes", { base, ours, theirs });
    return { same: merged.same, changed: merged.changed, goesWhenEmpty: false };
  }

  #conflict(
    path: Buffer,
    kind: TreeConflictKind,
    { base, ours, theirs }: { base?: Entry | undefined; ours?: Entry; theirs?: Entry },
  ): void {
    this.#conflicts.push({ path, kind, base, ours, theirs });
  }

  /** Returns the path of a name, unless it is left out. */
  #included(directory: Buffer, record: Buffer): Buffer | undefined {
    const path = childPath(directory, recordName(record));
    const { includes } = this.#options;
    if (includes === undefined) return path;
    return includes(path, decodeEntry(record).kind === "directory") ? path : undefined;
  }
}

const EMPTY = Buffer.alloc(0);

function unchanged(entry: DirectoryEntry, goesWhenEmpty: boolean): DirectoryOutcome {
  return { same: entry, changed: entry, goesWhenEmpty };
}

function entryOf(record: Buffer | undefined): Entry | undefined {
  return record === undefined ? undefined : decodeEntry(record);
}

/** Returns what a side made of a name, unless it removed it, or set nothing but times and owners. */
function changeOf([before, after]: RecordDifference) {
  if (after === undefined || isSameState(before, after)) return undefined;
  return { before: entryOf(before), after: decodeEntry(after), record: after };
}
