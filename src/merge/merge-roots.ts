/**
 * Merge roots: the root that comes of three others. Nothing of it is stored but the bytes of files that were merged by lines.
 */
import { NO_DIGEST } from "../model/digest.js";
import { buildLinks } from "../tree/link-tree.js";
import { mergeNames } from "../tree/merge-trees.js";
import { NewObjects } from "../tree/new-objects.js";
import type { EncodedNode } from "../tree/node-codec.js";
import { encodeRoot } from "../tree/node-codec.js";
import type { Root } from "../tree/root.js";
import { readRoot } from "../tree/root.js";
import type { NodeSink } from "../tree/tree-builder.js";
import type { MergeSides } from "../tree/tree-conflict.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import type { FileBytes } from "./file-bytes.js";
import type { Rename, RenamePlan } from "./follow-renames.js";
import { planRenames } from "./follow-renames.js";
import { mergeGroups } from "./merge-groups.js";
import { renamePaths } from "./rename-paths.js";
import type { Deciders, Resolutions } from "./resolve-conflicts.js";
import { resolveConflicts } from "./resolve-conflicts.js";

/** What comes of a merge. */
export interface MergedRoot extends Resolutions {
  readonly root: Root;
  readonly node: EncodedNode;
  /** Has the trees of all sides and of the merge. */
  readonly objects: ObjectSource;
  readonly renames: readonly Rename[];
  /** Stores its tree; the root itself is stored by the commit. */
  store(sink: NodeSink): void;
}

/** @throws {CoppiceError} CORRUPT, INVALID_ARGUMENT */
export async function mergeRoots(
  stored: ObjectSource,
  digests: { readonly [key in keyof MergeSides]: Buffer },
  bytes: FileBytes,
  deciders: Deciders,
): Promise<MergedRoot> {
  const objects = new NewObjects(stored);
  const given = {
    base: readRoot(objects, digests.base),
    ours: readRoot(objects, digests.ours),
    theirs: readRoot(objects, digests.theirs),
  };
  const { turns } = deciders;
  let names = await turns(mergeNames(objects, given, EVEN));
  const plan = await turns(planRenames(objects, given, digests, names.removals));
  const sides = withRenames(objects, given, plan);
  if (plan.followed.length > 0) names = await turns(mergeNames(objects, sides, EVEN));
  const { edits } = names;
  const conflicts = [...names.conflicts, ...plan.conflicts];
  conflicts.sort((a, b) => a.path.compare(b.path));
  const settling = { sides, edits, store: (each: Uint8Array) => bytes.store(each) };
  const resolutions = await resolveConflicts(objects, settling, conflicts, deciders);
  const groups = await turns(mergeGroups(objects, sides, edits));
  const links = groups === undefined ? sides.ours.links : buildLinks(groups, objects);
  const node = encodeRoot(edits.build(objects), links ?? NO_DIGEST);
  objects.putNode(node);
  const root = readRoot(objects, node.digest);
  return {
    ...resolutions,
    root,
    node,
    objects,
    renames: plan.followed,
    store: (sink) => {
      objects.putTree(root.entry.tree, sink);
      if (root.links !== undefined) objects.putTree(root.links, sink);
    },
  };
}

/** Neither side comes first. */
const EVEN = { mergedAt: undefined };

/** Returns the sides with what one of them renamed under its new name in the base and on the other side. */
function withRenames(objects: NewObjects, sides: MergeSides, { followed }: RenamePlan): MergeSides {
  const renames = (side: Rename["side"]) =>
    followed.filter((each) => each.side === side).map((each) => ({ ...each, like: sides[side] }));
  const [byOurs, byTheirs] = [renames("ours"), renames("theirs")];
  return {
    base: renamePaths(objects, sides.base, [...byOurs, ...byTheirs]),
    ours: renamePaths(objects, sides.ours, byTheirs),
    theirs: renamePaths(objects, sides.theirs, byOurs),
  };
}
