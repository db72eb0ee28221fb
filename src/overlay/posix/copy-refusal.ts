/**
 * Copy refusal: why cp copies nothing, where the system would.
 */
import { textOf } from "./path-bytes.js";

/** What the system knows nothing of: the code and number that node:fs has for it, and why. */
const REASONS = {
  same: ["ERR_FS_CP_EINVAL", 22, "src and dest cannot be the same"],
  "into itself": ["ERR_FS_CP_EINVAL", 22, "cannot copy to a subdirectory of self"],
  "directory onto another": [
    "ERR_FS_CP_DIR_TO_NON_DIR",
    21,
    "cannot overwrite non-directory with directory",
  ],
  "another onto directory": [
    "ERR_FS_CP_NON_DIR_TO_DIR",
    20,
    "cannot overwrite directory with non-directory",
  ],
  directory: ["ERR_FS_EISDIR", 21, "recursive option not enabled, cannot copy a directory"],
  exists: ["ERR_FS_CP_EEXIST", 17, "target already exists"],
  "link above": [
    "ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY",
    22,
    "cannot overwrite a link with one to what is below it",
  ],
  fifo: ["ERR_FS_CP_FIFO_PIPE", 22, "cannot copy a FIFO pipe"],
  device: ["ERR_FS_CP_UNKNOWN", 22, "cannot copy a device"],
} as const;

/** Returns the error of cp about a path. */
export function refused(reason: keyof typeof REASONS, path: string): Error {
  const [code, errno, why] = REASONS[reason];
  const text = textOf(path);
  const message = `Cannot copy: ${why}: ${text}`;
  return Object.assign(new Error(message), { code, errno, syscall: "cp", path: text });
}
