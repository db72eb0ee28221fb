/** Describes a rival with the very commands that the workloads run. */
import { formatCommand } from "../rivals/rival.mjs";

const TREE = "$TREE";
const TARGET = "$TARGET";
const WORKSPACE = "$WORKSPACE";
const OVERLAY = { directory: "$STORE", files: 1_000, sync: false };
const STORE = { root: "$STORE", repository: "$STORE/repository", cache: "$STORE/cache" };

/**
 * Returns what the report says about a rival, with placeholders for the paths.
 * @param {import("../rivals/rival.mjs").Rival} rival
 */
export function describeRival(rival) {
  /** @param {readonly import("../rivals/rival.mjs").Command[]} [commands] */
  const format = (commands = []) => commands.map(formatCommand);
  const { name, summary, durability, install } = rival;
  return {
    name,
    summary,
    durability,
    install,
    version: rival.version(),
    commands: {
      "make a store (not timed)": format(rival.prepare(STORE)),
      "first capture": format(rival.capture?.(TREE, STORE, "first")),
      "after a capture (not timed)": format(rival.afterCapture?.(STORE, "first", "$PRINTED")),
      "before an unchanged capture (not timed)": format(rival.prepareAgain?.(TREE, STORE)),
      "unchanged capture": format((rival.captureAgain ?? rival.capture)?.(TREE, STORE, "again")),
      "restore to a new directory": format(rival.restore?.(STORE, "first", TARGET)),
      "restore in place": format(rival.restoreInPlace?.(STORE, "first", TREE)),
      diff: format(rival.diff?.(STORE, "first", "second")),
      "before a merge (not timed)": format(rival.prepareMerge?.(STORE, "first", "ours", "theirs")),
      merge: format(rival.merge?.(STORE, "first", "ours", "theirs")),
      ...describeUpkeep(rival, format),
      ...describeWorkspaces(rival, format),
      "file systems in a process": format(
        rival.overlays?.verbs.map((verb) =>
          /** @type {any} */ (rival.overlays).command(verb, OVERLAY),
        ),
      ),
    },
  };
}

/**
 * @param {import("../rivals/rival.mjs").Rival} rival
 * @param {(commands?: readonly import("../rivals/rival.mjs").Command[]) => string[]} format
 */
function describeUpkeep({ upkeep, hash, chunkRows }, format) {
  return {
    "verify all bytes": format(upkeep?.verify(STORE) ?? hash?.(1e9)),
    "remove captures": format(upkeep?.remove(STORE, ["first", "third"], ["second", "fourth"])),
    "free what they needed": format(upkeep?.free(STORE)),
    "lose the index (not timed)": format(upkeep?.loseIndex(STORE)),
    repair: format(upkeep?.repair(STORE)),
    "ten million chunks": format(
      chunkRows && [chunkRows("$STORE", "open"), chunkRows("$STORE", "look-up")],
    ),
  };
}

/**
 * @param {import("../rivals/rival.mjs").Rival} rival
 * @param {(commands?: readonly import("../rivals/rival.mjs").Command[]) => string[]} format
 */
function describeWorkspaces({ workspaces }, format) {
  if (workspaces === undefined) return {};
  const place = { tree: TREE, store: STORE, target: WORKSPACE };
  const edited = { ...place, label: "edited" };
  const isOwnFork = workspaces.forkIsThatOf === undefined;
  const calls = { tree: TREE, store: STORE, count: 200, durability: "full", verify: false };
  return {
    "keep the tree for workspaces (not timed)": format(workspaces.keep(TREE, STORE)),
    fork: format(isOwnFork ? workspaces.fork?.(place) : []),
    "two forks at once": format(workspaces.forkMany?.(place, 2)),
    "snapshot of a workspace, relaxed": format(
      workspaces.snapshot?.({ ...edited, durability: "relaxed" }),
    ),
    "snapshot of a workspace, full": format(
      workspaces.snapshot?.({ ...edited, durability: "full" }),
    ),
    rollback: format(workspaces.rollback?.({ ...place, last: "base", aside: "$ASIDE" })),
    "calls in one process": format(
      workspaces.calls?.verbs.map((verb) =>
        /** @type {any} */ (workspaces.calls).command(verb, calls),
      ),
    ),
  };
}
