/**
 * The engine against a plain map and against the real file system: whatever is done to a directory and
 * its store, in whatever order.
 */
import { join } from "node:path";
import fc from "fast-check";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { counts } from "./command.js";
import { storeCommands } from "./store-commands.js";
import { World } from "./world.js";

testIf(
  ["koffi", "byte-names", "tools"],
  "captures, restores, diffs, removals, upkeep and crashes agree with a map of paths",
  async () => {
    const scratch = scratchDirectory();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.commands([...storeCommands], { maxCommands: 40, size: "max" }),
        async (commands) => {
          const world = await World.create(join(scratch, String(runs++)));
          try {
            await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
          } finally {
            await world.destroy();
          }
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 30) },
    );
    console.log(`Ran ${[...counts].map(([name, count]) => `${name} ${count}`).join(", ")}`);
  },
);
