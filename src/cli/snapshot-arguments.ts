import type { Snapshot } from "../index.js";
import type { CommandStore } from "../store/command-store.js";

/** Returns the snapshots that are named, each once. All are looked up before anything is done: a slip of the pen does nothing. */
export async function snapshotsOf(
  store: CommandStore,
  references: readonly string[],
): Promise<Snapshot[]> {
  const found = new Map<string, Snapshot>();
  for (const reference of references) {
    const snapshot = await store.get(reference);
    found.set(snapshot.id, snapshot);
  }
  return [...found.values()];
}
