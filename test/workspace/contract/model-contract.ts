/** Whatever is done to a workspace by system calls, in whatever order, it is what a plain directory is. */
import { join } from "node:path";
import fc from "fast-check";
import { counts } from "../../engine/command.js";
import { scratchDirectory } from "../../support/scratch.js";
import type { Ground } from "../ground.js";
import { systemEdits } from "../model/system-edits.js";
import { workspaceCommands } from "../model/workspace-commands.js";
import { WorkspaceWorld } from "../model/workspace-world.js";

export function modelContract(ground: Ground): void {
  ground.test("a workspace agrees with a plain directory that the same is done to", async () => {
    const scratch = scratchDirectory(ground.directory);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(systemEdits, { minLength: 1, maxLength: 30, size: "max" }),
        fc.commands([...workspaceCommands], { maxCommands: 16, size: "max" }),
        async (edits, commands) => {
          const directory = join(scratch, String(runs++));
          const world = await WorkspaceWorld.create(directory, ground.place, edits);
          try {
            await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
            await world.end();
          } finally {
            await world.destroy();
          }
        },
      ),
      // Shrinking a failure ends in time to be told.
      { numRuns: Number(process.env.RUNS ?? 6), interruptAfterTimeLimit: 120_000 },
    );
    console.log(`Ran ${[...counts].map(([name, count]) => `${name} ${count}`).join(", ")}`);
  });
}
