/**
 * Conflict error: what is refused because both sides changed it.
 */
import { CoppiceError } from "./error.js";
import type { ReportedPath } from "./reported-path.js";

/** A path that both sides changed. */
export interface PathConflict extends ReportedPath {
  /** How they are in each other's way. */
  readonly kind: string;
}

/** Paths in the message; the error has all of them. */
const PATHS_TOLD = 5;

/**
 * Both sides changed the same paths. Nothing was written.
 *
 * `conflicts` are those of the call that threw it: `ApplyConflict` of `Workspace.apply`, `MergeConflict` of `Store.merge`.
 */
export class ConflictError<Conflict extends PathConflict = PathConflict> extends CoppiceError {
  /** All of them, sorted by path. */
  readonly conflicts: readonly Conflict[];

  /** @internal */
  constructor(
    { action, what, remedy }: { action: string; what: string; remedy: string },
    conflicts: readonly Conflict[],
    path?: string,
  ) {
    const told = conflicts
      .slice(0, PATHS_TOLD)
      .map((each) => `${each.path === "" ? "the directory itself" : each.path} (${each.kind})`);
    const rest = conflicts.length > PATHS_TOLD ? ` and ${conflicts.length - PATHS_TOLD} more` : "";
    const paths = conflicts.length === 1 ? "1 path was" : `${conflicts.length} paths were`;
    super(
      "CONFLICT",
      `Cannot ${action}: ${paths} ${what}: ${told.join(", ")}${rest}; ${remedy}`,
      path === undefined ? {} : { path },
    );
    this.conflicts = conflicts;
  }
}
