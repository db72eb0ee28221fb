/** Command: what one step of a model-based test is made of. */
import fc from "fast-check";
import type { ModelSnapshot, World } from "./world.js";

/** What acts on a world, and checks it. */
export type Command<W extends object = World> = fc.AsyncCommand<object, W>;

/** Returns a command on one of the snapshots; where there is none it does nothing. */
export function withSnapshot(
  name: string,
  options: unknown,
  which: number,
  run: (world: World, snapshot: ModelSnapshot) => Promise<void>,
): Command {
  return command(name, options, async (world) => {
    const snapshot = world.snapshots[which % world.snapshots.length];
    if (snapshot !== undefined) await run(world, snapshot);
  });
}

/** Returns a command that prints as its name and options. */
export function command<W extends object = World>(
  name: string,
  options: unknown,
  run: (world: W) => Promise<void>,
): Command<W> {
  return {
    check: () => true,
    run: async (_, world) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      await run(world);
    },
    toString: () => `${name} ${fc.stringify(options)}`,
  };
}

/** How often each command ran. */
export const counts = new Map<string, number>();
