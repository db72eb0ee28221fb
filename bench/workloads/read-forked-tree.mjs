/**
 * Reading of what a fork has made: all files, and their names with and without their sizes, by programs that
 * know nothing of it. That of cp is the tree as plain files on the same disk.
 */
import { workspaceRivals } from "./ground.mjs";

/** @type {readonly { title: string, script: string }[]} */
const READINGS = [
  { title: "read all", script: "find . -type f -print0 | xargs -0 cat > /dev/null" },
  { title: "find", script: "find . > /dev/null" },
  { title: "find with sizes", script: "find . -printf '%s %p\\n' > /dev/null" },
];

/** @type {import("./bench.mjs").Workload} */
export const readForkedTree = {
  name: "read-forked-tree",
  title: "Reading a forked tree",
  summary:
    "all files (`find -type f | xargs cat`), all names (`find`), all names with sizes (`find -printf %s`)",
  isTimed: true,
  async run(bench) {
    const able = workspaceRivals(
      bench,
      ({ workspaces }) => workspaces.fork !== undefined && workspaces.forkIsThatOf === undefined,
    );
    const state = bench.options.cold ? "cold" : "warm";
    for (const ground of bench.grounds()) {
      const rivals = await ground.withWorkspace(able);
      for (const { title, script } of READINGS) {
        await bench.takeTurns(rivals, bench.options.repetitions, (rival) => {
          const { target } = ground.workspaceOf(rival);
          const command = { argv: ["sh", "-c", script], cwd: target };
          const { elapsedMs } = bench.time(rival, [command], [target]);
          bench.record(`${ground.name}, ${title}, ${state}`, rival, "ms", elapsedMs);
        });
      }
    }
  },
};
