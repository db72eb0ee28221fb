/**
 * Plan: the fewest steps from one tree to another. Reads only where they differ.
 */
import type { DirectoryEntry, Entry } from "../model/entry.js";
import { childPath } from "../model/tree-path.js";
import { decodeEntry } from "../tree/entry-codec.js";
import { differingAspects, sameContent } from "../tree/entry-difference.js";
import type { Root } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { differingRecords, findRecord } from "../tree/tree-reader.js";
import { LinkPlan } from "./link-plan.js";
import type { DirectoryStep, NameStep } from "./restore-step.js";

/** Tells what of a snapshot is wanted. */
export interface PathSelection {
  /** Whether a path is wanted with everything below it. */
  includes(path: Buffer): boolean;
  /** Whether something below a path is wanted. */
  reaches(path: Buffer): boolean;
}

/**
 * Yields what to do in each directory, parents before what is below them.
 *
 * Memory: the hard-link groups of both trees and the steps of one directory.
 *
 * @param current `undefined` for an empty directory
 */
export function* planRestore(
  objects: ObjectSource,
  current: Root | undefined,
  target: Root,
  selection: PathSelection,
): Generator<DirectoryStep> {
  const planner = new Planner(objects, current, target, selection);
  // No recursion: a path of 4,096 bytes may have 2,000 names.
  const pending: PendingDirectory[] = [
    { names: [], path: EMPTY, before: current?.entry, after: target.entry },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { step, below } = planner.directory(next);
    if (step !== undefined) yield step;
    pending.push(...below.reverse());
  }
}

/** A directory to look at. */
interface PendingDirectory {
  /** From the root down. */
  readonly names: readonly Buffer[];
  readonly path: Buffer;
  /** What stands there; `undefined` where it is to be made. */
  readonly before: DirectoryEntry | undefined;
  readonly after: DirectoryEntry;
}

class Planner {
  readonly #objects: ObjectSource;
  readonly #selection: PathSelection;
  readonly #links: LinkPlan;

  constructor(
    objects: ObjectSource,
    current: Root | undefined,
    target: Root,
    selection: PathSelection,
  ) {
    this.#objects = objects;
    this.#selection = selection;
    this.#links = new LinkPlan(objects, current, target, (path) => selection.includes(path));
  }

  /** Returns what to do in a directory, if anything, and the directories in it that differ. */
  directory({ names, path, before, after }: PendingDirectory): {
    step: DirectoryStep | undefined;
    below: PendingDirectory[];
  } {
    const isWanted = this.#selection.includes(path);
    const steps: NameStep[] = [];
    const below: PendingDirectory[] = [];
    for (const [old, now, record] of this.#differences(path, before, after)) {
      const name = (old ?? now)?.name ?? EMPTY;
      const child = childPath(path, name);
      if (!this.#selection.includes(child) && !this.#selection.reaches(child)) continue;
      if (now === undefined) {
        if (this.#selection.includes(child)) steps.push({ action: "remove", entry: old as Entry });
        continue;
      }
      if (now.kind === "directory") {
        const standing = old?.kind === "directory" ? old : undefined;
        if (old !== undefined && standing === undefined)
          steps.push({ action: "remove", entry: old });
        below.push({ names: [...names, name], path: child, before: standing, after: now });
        continue;
      }
      if (!this.#selection.includes(child)) continue;
      if (old?.kind === "directory") steps.push({ action: "remove", entry: old });
      const standing = old?.kind === "directory" ? undefined : old;
      const step = this.#nameStep(child, standing, now, record);
      if (step !== undefined) steps.push(step);
    }
    const isNew = before === undefined;
    const makesOrRemoves =
      steps.some((step) => step.action !== "update") ||
      below.some((each) => each.before === undefined);
    const touched =
      isNew ||
      makesOrRemoves ||
      (isWanted && before !== undefined && differingAspects(before, after).length > 0);
    if (!isNew && steps.length === 0 && !touched) return { step: undefined, below };
    const step = {
      names,
      isNew: isNew && names.length > 0,
      steps,
      attributes: touched && (isWanted || isNew) ? after : undefined,
    };
    return { step, below };
  }

  /**
   * Yields the entries that differ, before and after, and those that only belong to other inodes than they
   * should; with the record of the second.
   */
  *#differences(
    path: Buffer,
    before: DirectoryEntry | undefined,
    after: DirectoryEntry,
  ): Generator<[Entry | undefined, Entry | undefined, Buffer]> {
    const relinked = this.#links.relinkedIn(path);
    const seen = new Set<string>();
    for (const [a, b] of differingRecords(this.#objects, before?.tree, after.tree)) {
      const old = a === undefined ? undefined : decodeEntry(a);
      const now = b === undefined ? undefined : decodeEntry(b);
      if (relinked !== undefined) seen.add(((old ?? now)?.name ?? EMPTY).toString("latin1"));
      yield [old, now, b ?? EMPTY];
    }
    for (const name of relinked ?? []) {
      if (seen.has(name)) continue;
      const record = findRecord(this.#objects, after.tree, Buffer.from(name, "latin1"));
      if (record === undefined) continue;
      const entry = decodeEntry(record);
      yield [entry, entry, record];
    }
  }

  #nameStep(
    path: Buffer,
    old: Entry | undefined,
    now: Entry,
    record: Buffer,
  ): NameStep | undefined {
    const aspects =
      old !== undefined && old.kind === now.kind && sameContent(old, now)
        ? differingAspects(old, now)
        : undefined;
    // Pipes, devices and links hold nothing that is worth keeping their inode for.
    const stays =
      aspects !== undefined &&
      !this.#links.changesFile(path) &&
      (now.kind === "file" || aspects.length === 0);
    if (stays) return aspects.length === 0 ? undefined : { action: "update", entry: now, aspects };
    const leader = this.#links.leaderOf(path);
    if (leader !== undefined && !leader.equals(path))
      return { action: "link", entry: now, target: leader };
    return { action: old === undefined ? "create" : "replace", entry: now, record };
  }
}

const EMPTY = Buffer.alloc(0);
