/** Stores with many snapshots of one directory, each with a file of its own. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Snapshot } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

export interface StoreOfVersions {
  readonly scratch: string;
  readonly store: Store;
  readonly source: string;
  /** Oldest first; each follows the one before. */
  readonly snapshots: readonly Snapshot[];
}

/** How much each version is larger than the one before, about. */
export const VERSION_BYTES = 100_000;

/** Returns an open store, closed when the test is over, with as many snapshots as asked for. In each `file` has new bytes. */
export async function storeOfVersions(count: number): Promise<StoreOfVersions> {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  mkdirSync(source);
  writeFileSync(join(source, "same"), randomBytes(VERSION_BYTES));
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  const snapshots: Snapshot[] = [];
  for (let index = 0; index < count; index++)
    snapshots.push(await nextVersion(store, source, snapshots.at(-1)));
  return { scratch, store, source, snapshots };
}

/** Captures one more version. */
async function nextVersion(
  store: Store,
  source: string,
  parent: Snapshot | undefined,
): Promise<Snapshot> {
  writeFileSync(join(source, "file"), randomBytes(VERSION_BYTES));
  const { snapshot } = await store.snapshot(source, { ...(parent && { parent: parent.id }) });
  return snapshot;
}

/** Returns the ids of all snapshots, oldest first. */
export async function idsIn(store: Store): Promise<string[]> {
  return (await store.snapshots()).map(({ id }) => id).reverse();
}
