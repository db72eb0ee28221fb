/** Writing in a workspace: an archive of 10,000 files is extracted in it. That of cp is a plain directory. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sources } from "../data/sources.mjs";
import { assertSameFiles } from "../measure/assert-same-files.mjs";
import { walkTree } from "../measure/measure-tree.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { workspaceRivals } from "./ground.mjs";
import { treeData } from "./tree-data.mjs";

const FILE_COUNT = 10_000;

/** @type {import("./bench.mjs").Workload} */
export const writeInWorkspace = {
  name: "write-in-workspace",
  title: "Writing in a workspace",
  summary: `\`tar x\` of ${FILE_COUNT.toLocaleString("en-US")} files of \`sources\` into a new directory of the workspace`,
  isTimed: true,
  async run(bench) {
    const { archive, extracted } = makeArchive(bench);
    const able = workspaceRivals(
      bench,
      ({ workspaces }) => workspaces.fork !== undefined && workspaces.forkIsThatOf === undefined,
    );
    for (const ground of bench.grounds()) {
      const rivals = await ground.withWorkspace(able);
      await bench.takeTurns(rivals, bench.options.repetitions, (rival, repetition) => {
        const { target } = ground.workspaceOf(rival);
        const directory = join(target, `extracted-${ground.newNumber()}`);
        mkdirSync(directory);
        const command = { argv: ["tar", "-C", directory, "-xf", archive] };
        const { elapsedMs } = bench.time(rival, [command], [extracted]);
        if (bench.options.verify && repetition === 0) assertSameFiles(extracted, directory);
        bench.record(`${ground.name}, tar x`, rival, "ms", elapsedMs);
      });
    }
  },
};

/**
 * Makes the archive, and extracts it once to compare with.
 * @param {import("./bench.mjs").Bench} bench
 */
function makeArchive(bench) {
  const tree = treeData(bench, sources.name);
  const directory = bench.scratch.makeKeptDirectory("archive");
  const archive = join(directory, "sources.tar");
  const list = join(directory, "names");
  const extracted = join(directory, "extracted");
  const files = [...walkTree(tree)].filter(({ isFile }) => isFile).map(({ path }) => path);
  writeFileSync(list, files.slice(0, FILE_COUNT).join("\n"));
  mkdirSync(extracted);
  runCommands([
    { argv: ["tar", "-C", tree, "--files-from", list, "-cf", archive] },
    { argv: ["tar", "-C", extracted, "-xf", archive] },
  ]);
  return { archive, extracted };
}
