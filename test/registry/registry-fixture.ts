/** A store and a directory to upload. */
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { AgentVersion, Page, PageQuery } from "#dist/index.js";
import { Store } from "#dist/store.js";
import { unmountBelow } from "../support/mount-points.js";
import { scratchDirectory } from "../support/scratch.js";
import { inDirectory } from "../workspace/workspace-fixture.js";

export interface RegistryFixture {
  readonly scratch: string;
  readonly storeDirectory: string;
  readonly store: Store;
  /** The directory that is uploaded. */
  readonly directory: string;
  /** What an upload needs at least. */
  readonly agent: {
    readonly name: string;
    readonly directory: string;
    readonly entrypoint: string;
  };
}

/** Makes an empty store, and a directory with a script of bash. */
export async function registryFixture(
  script = "echo 'console.log(1)' >main.js; mkdir config; echo '{}' >config/base.json",
): Promise<RegistryFixture> {
  const scratch = scratchDirectory();
  onTestFinished(() => unmountBelow(scratch));
  const directory = join(scratch, "bot");
  inDirectory(scratch, "mkdir bot");
  inDirectory(directory, script);
  const storeDirectory = join(scratch, "store");
  const store = await Store.open(storeDirectory);
  onTestFinished(() => store.close());
  const agent = { name: "bot", directory, entrypoint: "node main.js" };
  return { scratch, storeDirectory, store, directory, agent };
}

/** Returns all pages of a list, one after the other. */
export async function pagesOf<Item>(
  list: (query: PageQuery) => Promise<Page<Item>>,
  limit: number,
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit, ...(cursor !== undefined && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

/** Returns the numbers of an agent's versions, newest first. */
export async function numbersOf(store: Store, name: string): Promise<number[]> {
  const { items } = await store.registry.listVersions(name, { limit: 1000 });
  return items.map(({ version }) => version);
}

/** Fails unless the registry and the store agree: what versions need is there and pinned, and nothing else is left of uploads. */
export async function expectConsistent(store: Store): Promise<void> {
  const needed: string[] = [];
  for (const { name } of await pagesOf((query) => store.registry.list(query), 7)) {
    const versions = await pagesOf((query) => store.registry.listVersions(name, query), 7);
    needed.push(...versions.map(({ snapshot }: AgentVersion) => snapshot));
  }
  const bundles = store.ledger.database
    .prepare("SELECT bundle FROM agent_version WHERE bundle IS NOT NULL")
    .pluck()
    .all() as string[];
  needed.push(...bundles);
  const uploaded = (await store.snapshots()).filter(({ labels }) => "coppice.upload" in labels);
  expect(uploaded.map(({ id }) => id).sort()).toEqual(needed.sort());
  const pinned = (await store.pins()).map(({ snapshot }) => snapshot);
  expect(pinned).toEqual(expect.arrayContaining(needed));
  for (const table of ["upload WHERE session IS NULL", "released_snapshot"])
    expect(store.ledger.database.prepare(`SELECT * FROM ${table}`).all()).toEqual([]);
}
