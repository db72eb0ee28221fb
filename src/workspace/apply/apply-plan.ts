/**
 * Apply plan: what would become of a target, and the steps there.
 */
import type { SnapshotFilter } from "../../catalog/snapshot-table.js";
import { NO_DIGEST } from "../../model/digest.js";
import { pathOfNames } from "../../model/tree-path.js";
import { findObstacles } from "../../restore/find-obstacles.js";
import { planRestore } from "../../restore/plan-restore.js";
import type { DirectoryStep } from "../../restore/restore-step.js";
import { selectPaths } from "../../restore/select-paths.js";
import type { Standing } from "../../restore/standing-tree.js";
import { createPathFilter } from "../../scan/path-filter.js";
import { nameFromBytes } from "../../scan/source-directory.js";
import { buildLinks } from "../../tree/link-tree.js";
import { mergeTrees } from "../../tree/merge-trees.js";
import { NewObjects } from "../../tree/new-objects.js";
import { encodeRoot } from "../../tree/node-codec.js";
import type { Root } from "../../tree/root.js";
import { readRoot } from "../../tree/root.js";
import type { TreeConflict } from "../../tree/tree-conflict.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { findEntry } from "../../tree/tree-reader.js";

/** What is applied: the workspace's state, and the one from which its changes are told. */
export interface AppliedStates {
  readonly base: Buffer;
  readonly theirs: Buffer;
}

/** What would become of a target. */
export interface ApplyPlan {
  readonly root: Root;
  /** Has the objects of `root` and of what stands there. */
  readonly objects: ObjectSource;
  readonly steps: readonly DirectoryStep[];
  /** Sorted by path. */
  readonly conflicts: readonly TreeConflict[];
  /** Whether everything that the steps touch is as it was scanned. */
  readonly isCurrent: boolean;
}

/**
 * Plans what applying comes to.
 *
 * @param target the directory that was scanned
 * @param filter with what it was
 */
export function planApply(
  standing: Standing,
  target: string,
  states: AppliedStates,
  filter: SnapshotFilter,
): ApplyPlan {
  const base = readRoot(standing.objects, states.base);
  const theirs = readRoot(standing.objects, states.theirs);
  /** Names under which something stands that no scan sees: excluded, a socket, a store. */
  const taken = new Map<string, TreeConflict>();
  for (;;) {
    const includes = includesOf(target, filter, taken);
    const plan = merge(standing, { base, theirs }, includes);
    const obstacles = findObstacles(target, standing.scan, plan.steps);
    const before = taken.size;
    for (const { names, what } of obstacles) {
      const path = pathOfNames(names);
      if (what !== "unseen") continue;
      taken.set(path.toString("latin1"), {
        path,
        kind: "added",
        base: findEntry(standing.objects, base.entry, names),
        ours: undefined,
        theirs: findEntry(standing.objects, theirs.entry, names),
      });
    }
    if (taken.size > before) continue;
    const conflicts = [...plan.conflicts, ...taken.values()];
    conflicts.sort((a, b) => a.path.compare(b.path));
    return { ...plan, conflicts, isCurrent: obstacles.length === 0 };
  }
}

function merge(
  { root: ours, objects: standing }: Standing,
  { base, theirs }: { readonly base: Root; readonly theirs: Root },
  includes: ((path: Buffer, isDirectory: boolean) => boolean) | undefined,
): Omit<ApplyPlan, "isCurrent"> {
  const objects = new NewObjects(standing);
  const nowMs = Date.now();
  const seconds = Math.floor(nowMs / 1000);
  const mergedAt = {
    mtimeSeconds: seconds,
    mtimeNanoseconds: (nowMs - seconds * 1000) * 1_000_000,
  };
  const sides = { base, ours, theirs };
  const { edits, links, conflicts } = mergeTrees(objects, sides, { mergedAt, includes });
  const groups = links === undefined ? ours.links : buildLinks(links, objects);
  const node = encodeRoot(edits.build(objects), groups ?? NO_DIGEST);
  objects.putNode(node);
  const root = readRoot(objects, node.digest);
  const steps = [...planRestore(objects, ours, root, selectPaths(undefined))];
  return { root, objects, steps, conflicts };
}

/** Returns what is looked at; `undefined` for everything. */
function includesOf(
  target: string,
  filter: SnapshotFilter,
  taken: ReadonlyMap<string, TreeConflict>,
): ((path: Buffer, isDirectory: boolean) => boolean) | undefined {
  const paths = createPathFilter({ root: target, ...filter });
  if (paths === undefined && taken.size === 0) return undefined;
  return (path, isDirectory) =>
    !taken.has(path.toString("latin1")) &&
    paths?.excludes(nameFromBytes(path), isDirectory) !== true;
}
