/**
 * Diff: what changed from one snapshot to another. Equal subtrees are skipped unread, so the cost is
 * what differs times the depth; then, where names went and others came, the same content tells renames.
 */
import type { DirectoryEntry, Entry } from "../model/entry.js";
import { childPath } from "../model/tree-path.js";
import { atOnce } from "../threads/in-turns.js";
import { decodeEntry } from "../tree/entry-codec.js";
import type { Aspect } from "../tree/entry-difference.js";
import { differingAspects } from "../tree/entry-difference.js";
import { decodeLinkGroup, linkGroupName } from "../tree/links-codec.js";
import { readRoot } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { differingRecords, findEntry, treeEntries } from "../tree/tree-reader.js";
import type { EntryInfo } from "./entry-info.js";
import { entryInfo } from "./entry-info.js";
import { PathSet } from "./path-set.js";

/** One difference between two snapshots. The root itself has the path `""`. */
export type Change =
  | {
      /** Only the later snapshot has the path, and its content came from no path that went. */
      readonly change: "added";
      /** Where it is, relative to the root. */
      readonly path: string;
      /** The entry in the later snapshot. */
      readonly after: EntryInfo;
    }
  | {
      /** Only the earlier snapshot has the path, and its content went to no path that came. */
      readonly change: "removed";
      /** Where it was, relative to the root. */
      readonly path: string;
      /** The entry in the earlier snapshot. */
      readonly before: EntryInfo;
    }
  | {
      /** The same kind of entry under the same name; `aspects` says what differs. */
      readonly change: "modified";
      /** Where it was and is, relative to the root. */
      readonly path: string;
      /** What differs, at least one; what is below a directory is told by changes of its own. */
      readonly aspects: readonly Aspect[];
      /** The entry in the earlier snapshot. */
      readonly before: EntryInfo;
      /** The entry in the later snapshot. */
      readonly after: EntryInfo;
    }
  | {
      /** Another kind of entry under the same name; what was or is below a directory is told as removed or added. */
      readonly change: "type-changed";
      /** Where it was and is, relative to the root. */
      readonly path: string;
      /** The entry in the earlier snapshot, of another kind than `after`. */
      readonly before: EntryInfo;
      /** The entry in the later snapshot, of another kind than `before`. */
      readonly after: EntryInfo;
    }
  | {
      /** The same file content, or a directory with exactly the same in it, under another path. */
      readonly change: "renamed";
      /** Where it is in the later snapshot, relative to the root. */
      readonly path: string;
      /** Where it was in the earlier snapshot, relative to the root. */
      readonly from: string;
      /** What else differs: mode, owner, times, xattrs; often nothing. */
      readonly aspects: readonly Aspect[];
      /** The entry in the earlier snapshot, at `from`. */
      readonly before: EntryInfo;
      /** The entry in the later snapshot, at `path`. */
      readonly after: EntryInfo;
    };

interface Found {
  readonly path: Buffer;
  readonly entry: Entry;
}

/** Returns the changes that lead from one root to another, sorted by the bytes of their paths. */
export function diffRoots(objects: ObjectSource, before: Buffer, after: Buffer): Change[] {
  return atOnce(changesBetween(objects, before, after));
}

/** As `diffRoots`; yields at each name that differs. */
export function* changesBetween(
  objects: ObjectSource,
  before: Buffer,
  after: Buffer,
): Generator<void, Change[]> {
  if (before.equals(after)) return [];
  const a = readRoot(objects, before);
  const b = readRoot(objects, after);
  const differ = new Differ(objects);
  yield* differ.compare(a.entry, b.entry);
  differ.compareLinks(a, b);
  return yield* differ.changes();
}

/** The comparison of a directory: gives those of directories in it, in their places. */
interface Comparison extends Generator<Comparison | undefined, void> {}

class Differ {
  readonly #objects: ObjectSource;
  readonly #changes: Change[] = [];
  readonly #removed: Found[] = [];
  readonly #added: Found[] = [];

  constructor(objects: ObjectSource) {
    this.#objects = objects;
  }

  *compare(before: DirectoryEntry, after: DirectoryEntry): Generator<void> {
    const open = [this.#compare(EMPTY, before, after)];
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const { done, value } = last.next();
      if (done === true) open.pop();
      else if (value !== undefined) open.push(value);
      yield;
    }
  }

  *#compare(path: Buffer, before: DirectoryEntry, after: DirectoryEntry): Comparison {
    const aspects = differingAspects(before, after);
    if (aspects.length > 0) this.#modified(path, before, after, aspects);
    if (before.tree.equals(after.tree)) return;
    for (const [a, b] of differingRecords(this.#objects, before.tree, after.tree)) {
      const old = a === undefined ? undefined : decodeEntry(a);
      const now = b === undefined ? undefined : decodeEntry(b);
      const child = childPath(path, (old ?? now)?.name ?? EMPTY);
      if (old === undefined) this.#added.push({ path: child, entry: now as Entry });
      else if (now === undefined) this.#removed.push({ path: child, entry: old });
      else if (old.kind !== now.kind) this.#typeChanged(child, old, now);
      else if (old.kind === "directory" && now.kind === "directory") {
        yield this.#compare(child, old, now);
        continue;
      } else this.#modified(child, old, now, differingAspects(old, now));
      yield;
    }
  }

  /** Names that belong to other inodes than before, while their entries are what they were. */
  compareLinks(a: ReturnType<typeof readRoot>, b: ReturnType<typeof readRoot>): void {
    const paths = new Map<string, Buffer>();
    for (const pair of differingRecords(this.#objects, a.links, b.links, linkGroupName)) {
      for (const record of pair) {
        if (record !== undefined)
          for (const path of decodeLinkGroup(record)) paths.set(path.toString("latin1"), path);
      }
    }
    const known = new Map(
      this.#changes.map((each, index) => [sortKey(each).toString("latin1"), index]),
    );
    for (const [key, path] of paths) {
      const old = this.#lookUp(a.entry, path);
      const now = this.#lookUp(b.entry, path);
      if (old === undefined || now === undefined || old.kind !== now.kind) continue;
      const index = known.get(key);
      const change = index === undefined ? undefined : this.#changes[index];
      if (index === undefined) this.#modified(path, old, now, ["links"]);
      else if (change?.change === "modified")
        this.#changes[index] = { ...change, aspects: [...change.aspects, "links"] };
    }
  }

  /** Returns all changes; finds the renames among what was removed and added. */
  *changes(): Generator<void, Change[]> {
    const removed = yield* this.#expanded(this.#removed);
    const added = yield* this.#expanded(this.#added);
    const moved = new Map<string, Found>();
    for (const each of removed) {
      const key = contentKey(each.entry);
      if (key !== undefined && !moved.has(key)) moved.set(key, each);
    }
    const gone = new Set<Found>(removed);
    const movedRoots = new PathSet();
    const arrivedRoots = new PathSet();
    /** Directories out of which something was moved already: they did not move as a whole. */
    const opened = new PathSet();
    for (const { path, entry } of added) {
      yield;
      if (arrivedRoots.hasAtOrAbove(path)) continue;
      const key = contentKey(entry);
      const from = key === undefined ? undefined : moved.get(key);
      if (
        from === undefined ||
        !gone.has(from) ||
        movedRoots.hasAtOrAbove(from.path) ||
        opened.has(from.path)
      ) {
        this.#changes.push({
          change: "added",
          path: path.toString(),
          after: entryInfo(entry, path),
        });
        continue;
      }
      moved.delete(key as string);
      gone.delete(from);
      opened.addAbove(from.path);
      if (entry.kind === "directory") {
        movedRoots.add(from.path);
        arrivedRoots.add(path);
      }
      this.#changes.push({
        change: "renamed",
        path: path.toString(),
        from: from.path.toString(),
        aspects: differingAspects(from.entry, entry),
        before: entryInfo(from.entry, from.path),
        after: entryInfo(entry, path),
      });
    }
    for (const each of gone) {
      if (movedRoots.hasAtOrAbove(each.path)) continue;
      this.#changes.push({
        change: "removed",
        path: each.path.toString(),
        before: entryInfo(each.entry, each.path),
      });
    }
    return this.#changes.sort((x, y) => sortKey(x).compare(sortKey(y)));
  }

  #modified(path: Buffer, before: Entry, after: Entry, aspects: readonly Aspect[]): void {
    this.#changes.push({
      change: "modified",
      path: path.toString(),
      aspects,
      before: entryInfo(before, path),
      after: entryInfo(after, path),
    });
  }

  #typeChanged(path: Buffer, before: Entry, after: Entry): void {
    this.#changes.push({
      change: "type-changed",
      path: path.toString(),
      before: entryInfo(before, path),
      after: entryInfo(after, path),
    });
    if (before.kind === "directory") this.#removed.push(...this.#children({ path, entry: before }));
    if (after.kind === "directory") this.#added.push(...this.#children({ path, entry: after }));
  }

  /** Returns entries with everything below them, each directory before what is in it. */
  *#expanded(roots: readonly Found[]): Generator<void, Found[]> {
    const found: Found[] = [];
    const pending = roots.toReversed();
    for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
      found.push(each);
      for (const child of [...this.#children(each)].reverse()) pending.push(child);
      yield;
    }
    return found;
  }

  *#children({ path, entry }: Found): Generator<Found> {
    if (entry.kind !== "directory") return;
    for (const child of treeEntries(this.#objects, entry.tree))
      yield { path: childPath(path, child.name), entry: child };
  }

  #lookUp(root: DirectoryEntry, path: Buffer): Entry | undefined {
    const names = path.toString("latin1").split("/");
    return findEntry(
      this.#objects,
      root,
      names.map((name) => Buffer.from(name, "latin1")),
    );
  }
}

const EMPTY = Buffer.alloc(0);

/** What a rename is told by: the bytes of a file that has some, or everything in a directory. */
function contentKey(entry: Entry): string | undefined {
  if (entry.kind === "file" && entry.content.form !== "empty")
    return `file ${entry.content.digest.toString("latin1")}`;
  if (entry.kind === "directory" && entry.entryCount > 0)
    return `directory ${entry.tree.toString("latin1")}`;
  return undefined;
}

function sortKey(change: Change): Buffer {
  return (change.change === "removed" ? change.before : change.after).pathBytes;
}
