/** A directory, a workspace that was forked from a capture of it, and both of them edited. */
import { join } from "node:path";
import { expect } from "vitest";
import type { ApplyReport, ConflictError, Workspace } from "#dist/index.js";
import { identities, type LineOptions, lines, listTree } from "../engine/listing.js";
import type { WorkspaceFixture } from "./workspace-fixture.js";
import { capturedBy, inDirectory } from "./workspace-fixture.js";

export interface ApplyFixture extends WorkspaceFixture {
  readonly workspace: Workspace;
  /** Runs a script in the workspace. */
  edit(script: string): void;
  /** Runs a script in the target. */
  editTarget(script: string): void;
}

/** Makes a directory with a script, captures it as `base` and forks that; the directory is the target. */
export async function forkedFrom(script: string): Promise<ApplyFixture> {
  const fixture = await capturedBy(script);
  const dir = join(fixture.scratch, "workspace");
  const workspace = await fixture.store.fork("base", { dir });
  return {
    ...fixture,
    workspace,
    edit: (lines) => void inDirectory(dir, lines),
    editTarget: (lines) => void inDirectory(fixture.source, lines),
  };
}

/** Returns all that can be seen of a directory, and what a touch would change. */
export function stateOf(directory: string): unknown {
  return [lines(listTree(directory)), [...identities(directory)]];
}

/** Returns a directory's paths with what they are. */
export function seen(directory: string, options: LineOptions = {}): string[] {
  return lines(listTree(directory), options);
}

/** Returns conflicts as `kind path`. */
export function told({ conflicts }: Pick<ApplyReport | ConflictError, "conflicts">): string[] {
  return conflicts.map(({ path, kind }) => `${kind} ${path}`);
}

/** Returns how many actions there were in all. */
export function actionsOf({ actions }: ApplyReport): number {
  return Object.values(actions).reduce((sum, count) => sum + count, 0);
}

/**
 * Fails unless applying is refused with some conflicts, and touches nothing; a plan tells the same.
 *
 * @returns the error
 */
export async function expectConflicts(
  { workspace, source }: ApplyFixture,
  conflicts: readonly string[],
): Promise<ConflictError> {
  const before = stateOf(source);
  const error = await workspace.apply(source).catch((each: unknown) => each as ConflictError);
  expect(error).toMatchObject({ name: "CoppiceError", code: "CONFLICT", path: source });
  expect(told(error as ConflictError)).toEqual(conflicts);
  expect(told(await workspace.apply(source, { plan: true }))).toEqual(conflicts);
  expect(stateOf(source)).toEqual(before);
  return error as ConflictError;
}
