/** An empty overlay of a store of its own. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Overlay } from "#dist/overlay/overlay.js";
import { Store } from "#dist/store.js";
import { scratchDirectory } from "../support/scratch.js";

/** An overlay, and where its store and what belongs to it lie. */
export interface OpenOverlay {
  readonly scratch: string;
  readonly store: Store;
  readonly overlay: Overlay;
  /** Captures the overlay and restores the snapshot to a new directory, whose path it returns. */
  readonly toDisk: (name: string) => Promise<string>;
}

/** Returns a new empty overlay; its store is closed when the test is over. */
export async function openOverlay(): Promise<OpenOverlay> {
  const scratch = scratchDirectory();
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  const overlay = store.overlay();
  const toDisk = async (name: string) => {
    const { snapshot } = await overlay.snapshot();
    const directory = join(scratch, name);
    await store.restore(snapshot, directory);
    return directory;
  };
  return { scratch, store, overlay, toDisk };
}
