/**
 * Reported path: a path as reports tell it.
 */
import { isUtf8 } from "node:buffer";

/** A path, and its bytes where the text cannot say them. */
export interface ReportedPath {
  /** Relative, `/` between names; bytes that are not UTF-8 show as U+FFFD. */
  readonly path: string;
  /** The exact bytes; there only where they are not UTF-8. */
  readonly pathBytes?: Buffer;
}

/** Returns how a path is told. */
export function reportedPath(path: string | Buffer): ReportedPath {
  if (typeof path === "string") return { path };
  return isUtf8(path) ? { path: path.toString() } : { path: path.toString(), pathBytes: path };
}
