import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CaptureOptions } from "#dist/snapshot/capture.js";
import type { Change } from "#dist/snapshot/diff.js";
import type { Snapshot } from "#dist/snapshot/snapshot.js";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";

/** A directory that a test edits with a shell, and a store for it. */
export interface EditedDirectory {
  /** Holds both and nothing else. */
  readonly scratch: string;
  readonly directory: string;
  readonly store: Store;
  /** Runs a script in the directory. */
  edit(script: string): Promise<void>;
  /** Captures it without waiting for the disk. */
  snapshot(options?: CaptureOptions): Promise<Snapshot>;
}

/** Returns a new directory, edited by a script, and a new store, which is closed with the running test. */
export async function editedDirectory(script = ""): Promise<EditedDirectory> {
  const scratch = scratchDirectory();
  const directory = join(scratch, "directory");
  mkdirSync(directory);
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  const edited: EditedDirectory = {
    scratch,
    directory,
    store,
    async edit(lines) {
      await run("bash", ["-euc", lines], { cwd: directory });
    },
    async snapshot(options) {
      return (await store.snapshot(directory, { durability: "relaxed", ...options })).snapshot;
    },
  };
  await edited.edit(script);
  return edited;
}

/** Returns all changes between two snapshots. */
export async function diffOf(store: Store, a: Snapshot, b: Snapshot): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const change of store.diff(a, b)) changes.push(change);
  return changes;
}
