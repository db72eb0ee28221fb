import { join } from "node:path";
import fc from "fast-check";
import { scratchDirectory } from "../support/scratch.js";
import { applyEdit, type Edit, edits } from "./tree-edits.js";
import { World } from "./world.js";

/** How a property is checked. */
export interface ForAllOptions {
  /** How many rounds of edits the property is given. @default 1 */
  readonly rounds?: number;
  /** @default 12 */
  readonly runs?: number;
  /** An existing directory to make everything in. @default that of temporary files */
  readonly parent?: string | undefined;
}

/** Makes one round of edits in a directory and its model. */
export type EditRound = (world: Pick<World, "directory" | "tree">) => void;

/**
 * Checks a property of directories that come to be by edits, each with a store of its own. The first
 * round of edits has been made; the property makes the others. A failing case is printed as its edits.
 */
export async function forAllTrees(
  property: (world: World, ...rounds: EditRound[]) => Promise<void>,
  { rounds = 1, runs = 12, parent }: ForAllOptions = {},
): Promise<void> {
  const scratch = scratchDirectory(parent);
  let count = 0;
  const round = fc.array(edits, { minLength: 1, maxLength: 25, size: "max" });
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: rounds, maxLength: rounds }), async (lists) => {
      const world = await World.create(join(scratch, String(count++)));
      try {
        const [first, ...others] = lists.map((list) => makeRound(list));
        first?.(world);
        await property(world, ...others);
      } finally {
        await world.destroy();
      }
    }),
    // Shrinking ends before the test does, so that a failing case is seen.
    { numRuns: runs, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true },
  );
}

function makeRound(list: readonly Edit[]): EditRound {
  return (world) => {
    for (const edit of list) applyEdit(edit, world.directory, world.tree);
  };
}
