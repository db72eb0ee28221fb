/** A store with one snapshot, and nothing mounted when the test is over. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { Change } from "#dist/snapshot/diff.js";
import { Store } from "#dist/store.js";
import type { Workspace } from "#dist/workspace/workspace.js";
import { mountsBelow, unmountBelow } from "../support/mount-points.js";
import { run } from "../support/run.js";
import { removeTree, scratchDirectory } from "../support/scratch.js";

/** What the best driver needs: overlayfs over EROFS images. */
export const needs = ["root", "mount", "koffi", "erofs", "overlay", "byte-names"] as const;

export interface WorkspaceFixture {
  /** Holds all of it, and nothing else. */
  readonly scratch: string;
  readonly source: string;
  readonly storeDirectory: string;
  readonly store: Store;
}

/** Makes a directory and captures it as `base`. */
export async function capturedBy(
  /** A script of bash, or what fills the directory of a path. */
  fill: string | ((directory: string) => unknown),
  /** An existing directory to make everything in; that of the temporary files unless told. */
  parent?: string,
): Promise<WorkspaceFixture> {
  const scratch = scratchDirectory(parent);
  onTestFinished(() => unmountBelow(scratch)); // Before the scratch directory is removed.
  const source = join(scratch, "source");
  mkdirSync(source);
  if (typeof fill === "string") inDirectory(source, fill);
  else await fill(source);
  const storeDirectory = join(scratch, "store");
  const store = await Store.open(storeDirectory);
  onTestFinished(() => store.close());
  await store.snapshot(source, { name: "base", durability: "relaxed" });
  return { scratch, source, storeDirectory, store };
}

/** Opens a store again, as another process would, until the running test is over. */
export async function opened(storeDirectory: string): Promise<Store> {
  const store = await Store.open(storeDirectory, { create: false });
  onTestFinished(() => store.close());
  return store;
}

/** Runs a script of bash, and returns what it prints. */
export function inDirectory(directory: string, script: string): string {
  return execFileSync("bash", ["-euc", script], {
    cwd: directory,
    // Not a pipe, which is a socket: bash would take it for a remote shell's.
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
}

/** Fails unless a snapshot of a workspace is what a capture of its directory gives. */
export async function expectCaptured(store: Store, workspace: Workspace): Promise<void> {
  await expectCapturedAs(store, workspace, workspace.path);
}

/** Fails unless a snapshot of a workspace is what a capture of a copy gives that cp -a makes of it. */
export async function expectCapturedAsCopied(store: Store, workspace: Workspace): Promise<void> {
  const copy = `${workspace.path}-copied`;
  await run("cp", ["-a", workspace.path, copy]);
  await expectCapturedAs(store, workspace, copy);
  await removeTree(copy);
}

async function expectCapturedAs(
  store: Store,
  workspace: Workspace,
  directory: string,
): Promise<void> {
  const { snapshot } = await workspace.snapshot({ durability: "relaxed" });
  const captured = await store.snapshot(directory, { durability: "relaxed" });
  expect(await all(store.diff(captured.snapshot, snapshot))).toEqual([]);
  expect(snapshot.digest).toBe(captured.snapshot.digest);
  expect(snapshot.stateDigest).toBe(captured.snapshot.stateDigest);
}

/** Fails unless a directory is in the state of a snapshot, told by an ordinary capture. */
export async function expectState(store: Store, directory: string, digest: string): Promise<void> {
  const { snapshot } = await store.snapshot(directory, { durability: "relaxed" });
  expect(snapshot.digest).toBe(digest);
}

/** Returns what a workspace's changes are, one line each, without those that only times are of. */
export async function changesOf(workspace: Workspace): Promise<string[]> {
  return (await all(workspace.changes())).map(({ change, path }) => `${change} ${path || "."}`);
}

/** Returns all that is yielded. */
async function all(changes: AsyncIterable<Change>): Promise<Change[]> {
  const found: Change[] = [];
  for await (const change of changes) found.push(change);
  return found;
}

/** Returns what is left of workspaces in a store that is closed, and what is mounted beside it: nothing, once all are discarded. */
export function leftovers({
  scratch,
  storeDirectory,
}: Pick<WorkspaceFixture, "scratch" | "storeDirectory">): string[] {
  const inStore = ["workspaces", "mounts", "trash"].flatMap((name) => {
    const directory = join(storeDirectory, name);
    return existsSync(directory) ? readdirSync(directory).map((each) => `${name}/${each}`) : [];
  });
  const temporary = readdirSync(storeDirectory, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".tmp"),
  );
  return [...inStore, ...temporary, ...mountsBelow(scratch)];
}
