import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SkipReporter } from "./tooling/skip-reporter.js";

/** Where a report for programs goes, in the format of Vitest's JSON reporter. */
const reportFile = process.env.COPPICE_TEST_REPORT;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/ready.ts"],
    // What is tested is the package as it is published: Node.js loads it and Vite leaves it alone.
    server: { deps: { external: [/\/dist\//] } },
    // One process a file: the umask, the working directory and native modules belong to a process.
    pool: "forks",
    // As many as there are processors: each test waits for the disk half of its time.
    // One more than there are processors: tests wait for the disk, and for processes that they start.
    maxWorkers: availableParallelism() + 1,
    // No test is timed: these only end a hang. A property may take a minute on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    allowOnly: false,
    reporters: ["default", new SkipReporter(), ...(reportFile === undefined ? [] : ["json"])],
    ...(reportFile === undefined ? {} : { outputFile: { json: reportFile } }),
  },
});
