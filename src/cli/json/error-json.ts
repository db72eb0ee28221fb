import type { ApplyConflict, ConflictError, MergeConflict } from "../../index.js";
import { CoppiceError } from "../../model/error.js";
import { UsageError } from "../usage-error.js";
import { conflictJson } from "./conflict-json.js";

/** What JSON tells of a failure, on standard error. */
export interface ErrorJson {
  readonly error: {
    /** A code of the library, `USAGE`, `OUTPUT` or `INTERNAL`. */
    readonly code: string;
    readonly message: string;
    readonly path?: string;
    readonly digest?: string;
    /** Of an archive that was refused: a stable word. */
    readonly reason?: string;
    /** Of a `CONFLICT`. */
    readonly conflicts?: readonly ReturnType<typeof conflictJson>[];
  };
}

/** Returns what JSON tells of a failure. */
export function errorJson(error: unknown): ErrorJson {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return { error: { code: "USAGE", message } };
  if (!(error instanceof CoppiceError)) return { error: { code: "INTERNAL", message } };
  const { code, path, digest, reason, conflicts } = error as CoppiceError &
    Partial<ConflictError<ApplyConflict | MergeConflict>>;
  return {
    error: {
      code,
      message,
      ...(path === undefined ? {} : { path }),
      ...(digest === undefined ? {} : { digest }),
      ...(reason === undefined ? {} : { reason }),
      ...(conflicts === undefined ? {} : { conflicts: conflicts.map(conflictJson) }),
    },
  };
}
