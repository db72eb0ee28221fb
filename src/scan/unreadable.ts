/**
 * Unreadable: what keeps a name from being read, and what stands for a file where that must not end a scan.
 */
import { randomBytes } from "node:crypto";
import { DIGEST_BYTES } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import { fileRecord } from "./entry-reader.js";
import type { FileStatus } from "./file-status.js";

/** A name that was listed and is not there, or has become something else, when it is opened. */
export const VANISHED = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ESTALE", "ENXIO"]);
export const UNREADABLE = new Set([
  "EACCES",
  "EPERM",
  "EIO",
  "ENAMETOOLONG",
  "EBUSY",
  "ETXTBSY",
  "EOVERFLOW",
  "EINVAL",
  "EUCLEAN",
]);

/** Returns what is equal to no other file, now or in a later scan. */
export function standIn(name: Buffer, status: FileStatus) {
  const content = { form: "chunk", digest: randomBytes(DIGEST_BYTES) } as const;
  // No status has these lanes: the stat cache knows nothing of it.
  const lanes = new Uint32Array(status.lanes.length);
  return { record: fileRecord(name, status, content, []), status: { lanes }, flags: 0 };
}

/** Returns what a capture fails with that leaves nothing out. */
export function unreadableError(path: string, reason: string, cause: unknown): CoppiceError {
  const message = `Cannot read ${path}: ${reason}, exclude it or capture with onUnreadable "skip"`;
  return new CoppiceError("UNREADABLE", message, { cause, path });
}
