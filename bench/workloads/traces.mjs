/** What agents did: recording a million events, and asking for them. */
import { directoryUsage } from "../measure/directory-usage.mjs";
import { quantiles } from "../measure/statistics.mjs";

/** @type {import("./bench.mjs").Workload} */
export const traces = {
  name: "traces",
  title: "Events of agents",
  summary:
    "events of four versions of an agent, by default a million: recording them a thousand at a time; `traces.query` of the newest 100 of a version, in a new process and in a newly opened store, and pages that follow; `traces.metrics` of a version",
  isTimed: true,
  async run(bench) {
    const able = bench.options.rivals.filter((rival) => rival.traces !== undefined);
    /** @type {Map<string, string>} */
    const stores = new Map();
    await bench.takeTurns(able, bench.options.repetitions, (rival) => {
      const measure = (/** @type {string} */ directory, /** @type {"record" | "ask"} */ verb) => {
        const command = rival.traces?.(directory, verb, bench.options.traceEvents);
        const reads = verb === "record" ? [] : [directory];
        const printed = bench.time(
          { ...rival, timesItself: false },
          command ? [command] : [],
          reads,
        );
        return JSON.parse(printed.stdout);
      };
      // They are recorded once: this takes long, and each thousand has its own time.
      const directory = stores.get(rival.name) ?? bench.scratch.makeDirectory("traces");
      if (!stores.has(rival.name)) {
        const { eventMs } = measure(directory, "record");
        bench.data.set("traces", {
          ...{ name: "traces", path: directory, files: 1, directories: 0 },
          bytes: directoryUsage(directory).apparent,
          description: `${bench.options.traceEvents} events of four versions of an agent, made in the run`,
        });
        bench.recordAll("recording one event", rival, "ms", quantiles(eventMs));
        stores.set(rival.name, directory);
      }
      const { firstPageMs, openedPagesMs, pagesMs, metricsMs } = measure(directory, "ask");
      bench.record("a page, first in its process", rival, "ms", firstPageMs);
      bench.recordAll("a page, newly opened", rival, "ms", openedPagesMs);
      bench.recordAll("a page", rival, "ms", quantiles(pagesMs));
      bench.recordAll("figures of a version", rival, "ms", metricsMs);
    });
  },
};
