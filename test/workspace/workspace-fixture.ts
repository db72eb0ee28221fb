/** A store with one snapshot, and nothing mounted when the test is over. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/store.js";
import type { Workspace } from "#dist/workspace/workspace.js";
import { scratchDirectory } from "../support/scratch.js";

export const needs = ["root", "mount", "koffi", "erofs", "byte-names"] as const;

export interface WorkspaceFixture {
  readonly scratch: string;
  readonly source: string;
  readonly storeDirectory: string;
  readonly store: Store;
}

/** Makes a directory with a script and captures it as `base`. */
export async function capturedBy(script: string): Promise<WorkspaceFixture> {
  const scratch = scratchDirectory();
  onTestFinished(() => unmountBelow(scratch)); // Before the scratch directory is removed.
  const source = join(scratch, "source");
  mkdirSync(source);
  inDirectory(source, script);
  const storeDirectory = join(scratch, "store");
  const store = await Store.open(storeDirectory);
  onTestFinished(() => store.close());
  await store.snapshot(source, { name: "base" });
  return { scratch, source, storeDirectory, store };
}

/** Runs a script of bash. */
export function inDirectory(directory: string, script: string): string {
  return execFileSync("bash", ["-euc", script], { cwd: directory, encoding: "utf8" });
}

/** Returns the mount points in a directory, the last one first. */
export function mountsBelow(directory: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((path) => path.startsWith(`${directory}/`))
    .reverse();
}

/** What a test that failed leaves must not keep its directory from being removed. */
export function unmountBelow(directory: string): void {
  for (const path of mountsBelow(directory)) execFileSync("umount", ["--lazy", path]);
}

/** Fails unless a snapshot of a workspace is what a capture of its directory gives. */
export async function expectCaptured(store: Store, workspace: Workspace): Promise<void> {
  const { snapshot } = await workspace.snapshot({ durability: "relaxed" });
  const captured = await store.snapshot(workspace.path, { durability: "relaxed" });
  const changes: unknown[] = [];
  for await (const change of store.diff(captured.snapshot, snapshot)) changes.push(change);
  expect(changes).toEqual([]);
  expect(snapshot.digest).toBe(captured.snapshot.digest);
  expect(snapshot.stateDigest).toBe(captured.snapshot.stateDigest);
}
