/** A small store in which every kind of object occurs, to be damaged byte by byte. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { CoppiceError } from "#dist/model/error.js";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { type Listing, lines, listSnapshot, listTree } from "./listing.js";

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

/**
 * A chunk for each small file, a list with a hole, hard links and directories. Every byte more is one more
 * restore: the list has one chunk, which is aligned, and the rest lies in the gap before it.
 */
const script = `
  mkdir -p source/d; cd source
  echo small >d/small; : >d/empty; ln -s d link; ln d/small other
  truncate -s 70000 list; head -c 3500 /dev/urandom | dd of=list bs=4096 seek=10 conv=notrunc
  touch -d @1000 d/small list d .`;

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

/** What became of an attempt to read a damaged store. */
export type Outcome = "harmless" | CoppiceError;

/**
 * Restores the snapshot and returns the error, or `harmless` when all is as it was captured.
 *
 * @throws when what was restored is anything else, or the error has no code
 */
export async function attemptRestore(
  store: Store,
  small: SmallStore,
  target: string,
): Promise<Outcome> {
  return attempt(async () => {
    await store.restore(small.digest, target, { workers: 0 });
    expect(lines(listTree(target))).toEqual(lines(small.listing));
  });
}

/** The same by reading every file, and everything that a restore reads beside: its plan. */
export async function attemptRead(store: Store, small: SmallStore): Promise<Outcome> {
  return attempt(async () => {
    const listing = await listSnapshot(await store.get(small.digest));
    expect(lines(listing)).toEqual(lines(small.listing, { without: ["link"] }));
    await store.restore(small.digest, join(small.scratch, "missing"), { plan: true });
  });
}

async function attempt(action: () => Promise<void>): Promise<Outcome> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CoppiceError) return error;
    throw error;
  }
  return "harmless";
}
