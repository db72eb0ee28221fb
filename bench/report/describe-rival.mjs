/** Describes a rival with the very commands that the workloads run. */
import { formatCommand } from "../rivals/rival.mjs";

const TREE = "$TREE";
const TARGET = "$TARGET";
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
      "first capture": format(rival.capture(TREE, STORE, "first")),
      "after a capture (not timed)": format(rival.afterCapture?.(STORE, "first", "$PRINTED")),
      "before an unchanged capture (not timed)": format(rival.prepareAgain?.(TREE, STORE)),
      "unchanged capture": format((rival.captureAgain ?? rival.capture)(TREE, STORE, "again")),
      "restore to a new directory": format(rival.restore?.(STORE, "first", TARGET)),
      "restore in place": format(rival.restoreInPlace?.(STORE, "first", TREE)),
      diff: format(rival.diff?.(STORE, "first", "second")),
    },
  };
}
