import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

/** Where what was made lies. */
export interface StoreWithSnapshots {
  readonly scratch: string;
  readonly store: string;
  /** In the state of the second snapshot. */
  readonly source: string;
}

/** Makes a store with the snapshots `first` and `second`, which differ in every way that a diff tells. */
export async function storeWithSnapshots(): Promise<StoreWithSnapshots> {
  const scratch = scratchDirectory();
  const store = join(scratch, "store");
  const source = join(scratch, "source");
  const at = (name: string): string => join(source, name);
  mkdirSync(at("docs"), { recursive: true });
  writeFileSync(at("docs/guide.md"), "# Guide\n");
  writeFileSync(at("edited.txt"), "before\n");
  writeFileSync(at("gone.txt"), "gone\n");
  writeFileSync(at("old-name.txt"), "moved as it is\n");
  writeFileSync(at("run.sh"), "#!/bin/sh\n");
  // Whatever the umask is.
  chmodSync(at("run.sh"), 0o644);
  chmodSync(at("docs"), 0o755);
  writeFileSync(at("swapped"), "a file\n");
  const handle = await Store.open(store);
  const { snapshot: first } = await handle.snapshot(source, {
    name: "first",
    labels: { step: "1" },
  });
  writeFileSync(at("edited.txt"), "afterwards\n");
  writeFileSync(at("docs/added.md"), "# Added\n");
  rmSync(at("gone.txt"));
  renameSync(at("old-name.txt"), at("new-name.txt"));
  chmodSync(at("run.sh"), 0o755);
  rmSync(at("swapped"));
  symlinkSync("edited.txt", at("swapped"));
  await handle.snapshot(source, { name: "second", parent: first.id, labels: { step: "2" } });
  await handle.close();
  return { scratch, store, source };
}
