/** Agents: uploading a bundle, and asking for one of many versions. */
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { directoryUsage } from "../measure/directory-usage.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { quantiles } from "../measure/statistics.mjs";
import { treeData } from "./tree-data.mjs";

/** @type {import("./bench.mjs").Workload} */
export const upload = {
  name: "upload",
  title: "Upload of a bundle",
  summary:
    "the whole tree as a tar.gz, which is read, looked at, stored twice (its bytes, and what is in it) and synced by Coppice, and extracted by `tar xz`",
  isTimed: true,
  async run(bench) {
    const tree = treeData(bench, bench.options.tree);
    const bundle = join(bench.scratch.makeDirectory(), "bundle.tar.gz");
    runCommands([{ argv: ["tar", "-C", tree, "-czf", bundle, "."] }]);
    const able = bench.options.rivals.filter((rival) => rival.takeIn !== undefined);
    await bench.takeTurns(able, bench.options.repetitions, (rival) => {
      const store = bench.makeStore(rival);
      const target = bench.scratch.makeDirectory();
      const commands = rival.takeIn?.(store, bundle, target) ?? [];
      bench.record(
        "time",
        rival,
        "ms",
        bench.time(rival, commands, [join(bundle, "..")]).elapsedMs,
      );
      bench.record("bundle", rival, "bytes", statSync(bundle).size);
      bench.record(
        "disk",
        rival,
        "bytes",
        directoryUsage(store.root).apparent + directoryUsage(target).apparent,
      );
      bench.scratch.putAside(target);
    });
    rmSync(bundle);
  },
};

/** @type {import("./bench.mjs").Workload} */
export const registryGet = {
  name: "registry-get",
  title: "One of 10,000 versions",
  summary:
    "`registry.get` of the latest version, of a tag and of a number in turns, of an agent with 10,000 versions",
  isTimed: true,
  async run(bench) {
    await takeRegistryTurns(bench, "get", (rival, valuesMs) =>
      bench.recordAll("one version", rival, "ms", quantiles(valuesMs)),
    );
  },
};

/** @type {import("./bench.mjs").Workload} */
export const registryPages = {
  name: "registry-pages",
  title: "10,000 versions, page by page",
  summary:
    "`registry.listVersions` of an agent with 10,000 versions, in pages of 100: each of the first ten pages, and of the last ten",
  isTimed: true,
  async run(bench) {
    await takeRegistryTurns(bench, "pages", (rival, valuesMs) => {
      bench.recordAll("first pages", rival, "ms", valuesMs.slice(0, 10));
      bench.recordAll("last pages", rival, "ms", valuesMs.slice(-10));
    });
  },
};

/**
 * @param {import("./bench.mjs").Bench} bench
 * @param {"get" | "pages"} verb
 * @param {(rival: import("./bench.mjs").Rival, valuesMs: number[]) => void} record
 */
async function takeRegistryTurns(bench, verb, record) {
  const able = bench.options.rivals.filter((rival) => rival.registry !== undefined);
  await bench.takeTurns(able, bench.options.repetitions, (rival) => {
    const command = rival.registry?.(bench.scratch.makeDirectory(), verb);
    const { stdout } = bench.time({ ...rival, timesItself: false }, command ? [command] : [], []);
    record(rival, JSON.parse(stdout).valuesMs);
  });
}
