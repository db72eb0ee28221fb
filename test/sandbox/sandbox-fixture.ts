/** A store for sandboxes, of which nothing is left when the test is over: no process, mount or control group. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Sandbox, type SandboxEvent, type SandboxOptions, Store } from "#dist/index.js";
import type { FreezerKind } from "#dist/sandbox/processes/freezer.js";
import { unmountBelow } from "../support/mount-points.js";
import { scratchDirectory } from "../support/scratch.js";
import type { CapabilityName } from "../tooling/capability.js";

/** The ways to stop processes, with what each needs. */
export const freezers: readonly (readonly [FreezerKind, readonly CapabilityName[]])[] = [
  ["cgroup", ["cgroup"]],
  ["cgroup-v1", ["cgroup-v1"]],
  ["signals", []],
];

export interface SandboxFixture {
  /** Holds all of it, and nothing else. */
  readonly scratch: string;
  readonly storeDirectory: string;
  readonly store: Store;
  /** Makes a sandbox, by the best driver that works here unless told. */
  create(options?: SandboxOptions): Promise<Sandbox>;
}

/**
 * Makes an empty store.
 *
 * @param parent an existing directory to make it in; where temporary files are unless told
 */
export async function emptyStore(parent?: string): Promise<SandboxFixture> {
  const scratch = scratchDirectory(parent);
  onTestFinished(() => unmountBelow(scratch)); // Before the scratch directory is removed.
  const storeDirectory = join(scratch, "store");
  const store = await Store.open(storeDirectory);
  onTestFinished(async () => {
    await store.close();
    await deleteAll(storeDirectory);
  });
  const create = (options?: SandboxOptions) => Sandbox.create(store, options);
  return { scratch, storeDirectory, store, create };
}

/** Opens a store again, as another process would, until the running test is over. */
export async function openedAgain(storeDirectory: string): Promise<Store> {
  const store = await Store.open(storeDirectory, { create: false });
  onTestFinished(() => store.close());
  return store;
}

/** Deletes what a test left, and fails where something is left then. */
async function deleteAll(storeDirectory: string): Promise<void> {
  const store = await Store.open(storeDirectory, { create: false });
  try {
    for (const { id } of (await Sandbox.list(store, { limit: 1000 })).items)
      await Sandbox.delete(store, id);
    expect(await store.workspaces()).toEqual([]);
    const ids = store.ledger.database.prepare("SELECT id FROM sandbox").pluck().all() as string[];
    expect(ids.flatMap(processesOf)).toEqual([]);
    const directories = ids.map((id) => `coppice-${id}`);
    const left = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/freezer"]
      .filter(existsSync)
      .flatMap((each) => readdirSync(each))
      .filter((name) => directories.includes(name));
    expect(left).toEqual([]);
  } finally {
    await store.close();
  }
}

/** Returns the processes that began in a sandbox and are there still. */
export function processesOf(sandbox: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^[0-9]+$/.test(pid)) return false;
    try {
      const isIn = readFileSync(`/proc/${pid}/environ`, "latin1").includes(
        `COPPICE_SANDBOX=${sandbox}\0`,
      );
      return isIn && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
    } catch {
      return false; // It has ended.
    }
  });
}

/** Returns what was done to a sandbox, one line each. */
export async function kindsOf(events: AsyncIterable<SandboxEvent>): Promise<string[]> {
  const kinds: string[] = [];
  for await (const { kind } of events) kinds.push(kind);
  return kinds;
}

/** Returns once a file of a sandbox has content. */
export async function writtenBy(sandbox: Sandbox, path: string): Promise<void> {
  const file = join(sandbox.path, path);
  while (!existsSync(file) || statSync(file).size === 0)
    await new Promise((resolve) => setImmediate(resolve));
}

/** Returns the text of a file of a sandbox. */
export function textOf(sandbox: Sandbox, path: string): Promise<string> {
  return sandbox.files.read(path, { encoding: "utf8" });
}
