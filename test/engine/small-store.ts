/** A small store in which every kind of object occurs, to be damaged byte by byte. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { CoppiceError } from "#dist/model/error.js";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { type Listing, lines, listTree } from "./listing.js";

/** A closed store and what it holds. */
export interface SmallStore {
  readonly scratch: string;
  readonly directory: string;
  readonly source: string;
  readonly digest: string;
  readonly listing: Listing;
  /** Paths of the packs. */
  readonly packs: readonly string[];
}

/** A chunk, a list with a hole, inline contents, hard links and directories: some 15 KiB of packs. */
const script = `
  mkdir -p source/d/e; cd source
  echo inline >d/small; : >d/empty; ln -s d link; ln d/small d/e/other
  head -c 4200 /dev/urandom >d/e/phased
  truncate -s 90000 list; head -c 3500 /dev/urandom | dd of=list bs=4096 seek=10 conv=notrunc
  touch -d @1000 d/small d/e/phased list d/e d .`;

/** Returns a new closed store. */
export async function smallStore(): Promise<SmallStore> {
  const scratch = scratchDirectory();
  await run("bash", ["-euc", script], { cwd: scratch });
  const directory = join(scratch, "store");
  const source = join(scratch, "source");
  const store = await Store.open(directory);
  const { snapshot } = await store.snapshot(source);
  await store.close();
  const packs = readdirSync(join(directory, "packs")).map((name) => join(directory, "packs", name));
  return { scratch, directory, source, digest: snapshot.digest, listing: listTree(source), packs };
}

/** What became of an attempt to restore from a damaged store. */
export type Outcome = "harmless" | CoppiceError;

/**
 * Restores a snapshot and returns the error, or `harmless` when all is as it was captured.
 *
 * @throws when what was restored is anything else, or the error has no code
 */
export async function attemptRestore(
  store: Store,
  digest: string,
  listing: Listing,
  target: string,
): Promise<Outcome> {
  try {
    await store.restore(digest, target, { workers: 0 });
  } catch (error) {
    if (error instanceof CoppiceError) return error;
    throw error;
  }
  expect(lines(listTree(target))).toEqual(lines(listing));
  return "harmless";
}
