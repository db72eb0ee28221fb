/** A directory as it was, and what became of it on two sides. */
import type { MergeConflict, MergeRequest, MergeResult, Snapshot } from "#dist/index.js";
import { ConflictError } from "#dist/index.js";
import { type EditedDirectory, editedDirectory } from "../engine/edited-directory.js";

export interface ThreeStates extends EditedDirectory {
  readonly base: Snapshot;
  readonly ours: Snapshot;
  readonly theirs: Snapshot;
  /** Merges theirs into ours without waiting for the disk. */
  merge(options?: Partial<Omit<MergeRequest, "plan">>): Promise<MergeResult>;
  /** Tells the conflicts as `kind path`. */
  conflicts(): Promise<string[]>;
}

/** Makes a directory by a script, and of it two others; times are as old as the commands. */
export async function threeStates(
  script: string,
  ourScript: string,
  theirScript: string,
): Promise<ThreeStates> {
  const edited = await editedDirectory(script);
  const { store, directory, edit, snapshot } = edited;
  const base = await snapshot({ name: "base" });
  await edit(ourScript);
  const ours = await snapshot({ name: "ours", parent: base.id });
  await store.restore(base, directory);
  await edit(theirScript);
  const theirs = await snapshot({ name: "theirs", parent: base.id });
  return {
    ...edited,
    base,
    ours,
    theirs,
    merge: (options = {}) => store.merge({ ours, theirs, durability: "relaxed", ...options }),
    conflicts: async () => told((await store.merge({ ours, theirs, plan: true })).report.conflicts),
  };
}

/** Returns conflicts as `kind path`. */
export function told(conflicts: readonly MergeConflict[]): string[] {
  return conflicts.map(({ kind, path }) => `${kind} ${path}`);
}

/** Returns what a snapshot holds: a line for each path, with a file's text and a link's target. */
export async function contents(snapshot: Snapshot): Promise<string[]> {
  const lines: string[] = [];
  for await (const { path, kind, target } of snapshot.walk()) {
    if (kind === "file")
      lines.push(`${path}: ${(await snapshot.readFile(path)).toString("latin1")}`);
    else lines.push(kind === "directory" ? `${path}/` : `${path} -> ${target}`);
  }
  return lines;
}

/** Returns the error of a merge that is refused. */
export async function refused(merging: Promise<unknown>): Promise<ConflictError<MergeConflict>> {
  const error = await merging.then(
    () => undefined,
    (each: unknown) => each,
  );
  if (error instanceof ConflictError) return error;
  throw error ?? new Error("The merge was not refused");
}
