/**
 * Runs the benchmarks and writes what they found: `node bench/run.mjs --help`.
 * Times inform and never fail a run.
 */
import { constants } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchDirectory } from "./data/data-set.mjs";
import { describeMachine } from "./measure/machine.mjs";
import { buildReport } from "./report/build-report.mjs";
import { reportMarkdown } from "./report/markdown.mjs";
import { publishReport, writeReport } from "./report/write-report.mjs";
import { chooseRivals } from "./rivals/rivals.mjs";
import { Bench } from "./workloads/bench.mjs";
import { chooseWorkloads } from "./workloads/workloads.mjs";

const USAGE = `Usage: node bench/run.mjs [options]

  --workloads A,B      first-capture, unchanged-capture, restore-new, restore-in-place,
                       diff, merge, memory, growth,
                       of what keeps a store whole verify, collect, repair, many-chunks,
                       of agents upload, registry-get, registry-pages, traces,
                       of workspaces fork, read-forked-tree, rollback,
                       workspace-snapshot, write-in-workspace, idle-forks,
                       and of overlays overlay-fork, overlay-snapshot, overlay-memory,
                       overlay-read, overlay-names, overlay-write
                       (default: all)
  --rivals A,B         coppice, coppice-library, tar, tar-synced, cp, rsync, git, restic,
                       restic-raw, borg, and for workspaces bare-overlayfs,
                       cp-reflink-xfs, cp-reflink-btrfs, btrfs, ostree, and for
                       overlays memfs, just-bash, zenfs, agentfs-sdk,
                       and for verify sha-256, sha-256-threads
                       (default: all that are installed)
  --tree NAME          node-modules, generated or sources, for captures and restores
                       (default: node-modules)
  --fork-trees A,B     the same, for workspaces (default: node-modules,generated)
  --trace-events N     how many events of agents there are (default: 1000000)
  --repetitions N      turns of each rival (default: 5)
  --durability MODE    full or relaxed, for Coppice (default: full)
  --cold               drop the page cache before each measurement (needs root)
  --no-verify          do not compare what was restored with the original
  --update-readme      also fill bench/README.md and bench/results/latest.json
  --help

COPPICE_BENCH_DIR names the directory for data, stores and results.
`;

const { values: options } = parseArgs({
  options: {
    workloads: { type: "string", default: "" },
    rivals: { type: "string", default: "" },
    tree: { type: "string", default: "node-modules" },
    "fork-trees": { type: "string", default: "node-modules,generated" },
    "trace-events": { type: "string", default: "1000000" },
    repetitions: { type: "string", default: "5" },
    durability: { type: "string", default: "full" },
    cold: { type: "boolean", default: false },
    "no-verify": { type: "boolean", default: false },
    "update-readme": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  process.stdout.write(USAGE);
} else {
  await main();
}

async function main() {
  const directory = benchDirectory();
  const durability = parseDurability(options.durability);
  const rivals = chooseRivals(splitNames(options.rivals), durability);
  const workloads = chooseWorkloads(splitNames(options.workloads));
  const bench = new Bench({
    directory,
    rivals: installed(rivals),
    repetitions: parseCount("--repetitions", options.repetitions),
    tree: options.tree,
    workspaceTrees: splitNames(options["fork-trees"]),
    traceEvents: parseCount("--trace-events", options["trace-events"]),
    durability,
    cold: options.cold,
    verify: !options["no-verify"],
  });
  closeOnSignals(bench);
  const machine = describeMachine(directory);
  try {
    for (const workload of workloads) await bench.run(workload);
    const report = buildReport({ bench, workloads, rivals, machine, durability });
    const path = writeReport(report, join(directory, "results"));
    if (options["update-readme"]) publishReport(report);
    console.log(`${reportMarkdown(report)}\n\n${path}.{json,md,html}`);
  } finally {
    process.stderr.write("removing what the run has made\n");
    bench.close();
  }
}

/**
 * Leaves nothing mounted and nothing on the disk when the run is told to end. What runs just then ends first, of
 * itself or by the same signal.
 * @param {Bench} bench
 */
function closeOnSignals(bench) {
  for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.once(name, () => {
      process.stderr.write(`${name}: removing what the run has made\n`);
      bench.close();
      process.exit(128 + constants.signals[name]);
    });
  }
}

/**
 * Returns the rivals that are there, and says how to get the others.
 * @param {readonly import("./rivals/rival.mjs").Rival[]} rivals
 */
function installed(rivals) {
  return rivals.filter((rival) => {
    if (rival.version() !== undefined) return true;
    process.stderr.write(`${rival.name} is absent: ${rival.install}\n`);
    return false;
  });
}

/** @param {string} text */
function splitNames(text) {
  return text.split(",").filter((name) => name !== "");
}

/** @param {string} text */
function parseDurability(text) {
  if (text === "full" || text === "relaxed") return text;
  throw new RangeError(`Cannot run with durability ${text}: it is full or relaxed`);
}

/**
 * @param {string} option
 * @param {string} text
 */
function parseCount(option, text) {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new RangeError(`Cannot run with ${option} ${text}: give a whole number from 1`);
}
