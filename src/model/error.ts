/**
 * The one error type of the library. A code is stable and is what callers test;
 * the message is for people and may change.
 */

/** Stable error codes. */
export type CoppiceErrorCode =
  /** The `signal` was aborted; nothing was registered. */
  | "ABORTED"
  /** A prefix or name matches more than one snapshot. */
  | "AMBIGUOUS"
  /** An archive cannot be read as what it is: it is cut off, or something in it is no valid field. */
  | "ARCHIVE_DAMAGED"
  /** An archive goes beyond a limit; the message names the limit, which can be raised. */
  | "ARCHIVE_TOO_LARGE"
  /** An archive would reach what is not its own; `reason` says how. */
  | "ARCHIVE_UNSAFE"
  /** What is to be written was changed there too; the error is a `ConflictError`, and nothing was written. */
  | "CONFLICT"
  /** Stored bytes fail their checksum or cannot be decoded. */
  | "CORRUPT"
  /** The disk is full; the store stays usable. */
  | "DISK_FULL"
  /** Something still depends on what was to be removed. */
  | "IN_USE"
  /** An argument is outside its range or contradicts another. */
  | "INVALID_ARGUMENT"
  /** Reading or writing failed for a reason of the machine (EIO, EMFILE, ...). */
  | "IO"
  /** More than a limit allows; the message says which. */
  | "LIMIT_EXCEEDED"
  /** Variables that an agent requires were not given; the message names them, and secrets that are missing too. */
  | "MISSING_ENV"
  /** Secrets that an agent's configuration files need were not given; the message names them. */
  | "MISSING_SECRET"
  /** A name is already taken. */
  | "NAME_TAKEN"
  /** The source is not a directory. */
  | "NOT_A_DIRECTORY"
  /** The directory holds something else than a store. */
  | "NOT_A_STORE"
  /** No snapshot, path or store of that name. */
  | "NOT_FOUND"
  /** The store, or a directory it needs, belongs to another user. */
  | "NOT_OWNER"
  /** A profile has no ready snapshot yet: it was never published, or its job has not ended; the message says which. */
  | "NOT_READY"
  /** The handle failed an earlier write or sync; reopen the store to recover. */
  | "POISONED"
  /** The sandbox is paused: nothing begins in it until it is resumed. */
  | "SANDBOX_PAUSED"
  /** The setup of a profile failed; the message says how, with the last lines that it wrote. */
  | "SETUP_FAILED"
  /** The source directory vanished while it was read. */
  | "SOURCE_VANISHED"
  /** The handle is closed. */
  | "STORE_CLOSED"
  /** Another process holds the lock; the message says which and since when. */
  | "STORE_BUSY"
  /** The store's catalog was removed or replaced since it was opened; open it again. */
  | "STORE_REPLACED"
  /** The store was written by a newer format. */
  | "STORE_TOO_NEW"
  /** The target has content that this store did not put there, and `force` was not given. */
  | "TARGET_NOT_EMPTY"
  /** A program took longer than it was given. */
  | "TIMEOUT"
  /** A file could not be read, and `onUnreadable` is `"fail"`. */
  | "UNREADABLE"
  /** This machine, or the store's format, cannot do what was asked for; the message says why and what would help. */
  | "UNSUPPORTED"
  /** A program works in the workspace; the message names it. */
  | "WORKSPACE_BUSY"
  /** The machine stopped while the workspace was in use, and what was changed in it may not be whole. */
  | "WORKSPACE_DIRTY";

/** Where an error happened, for programs. */
export interface CoppiceErrorOptions {
  /** The lower error. */
  readonly cause?: unknown;
  /** The file or directory concerned. */
  readonly path?: string;
  /** The chunk, tree or snapshot concerned, as `sha256:<hex>`. */
  readonly digest?: string;
  /** Which of the cases that a code stands for: a stable word, for programs. */
  readonly reason?: string;
}

/**
 * An expected failure: what was attempted, what stood in the way and what to do.
 *
 * Misuse of the interface is a `TypeError` or `RangeError` instead.
 */
export class CoppiceError extends Error {
  /** Tells these errors from others where `instanceof` cannot: across copies of the library and in logs. */
  override readonly name = "CoppiceError";
  /** Stable, for programs. */
  readonly code: CoppiceErrorCode;
  /** The file or directory concerned, if there is one. */
  readonly path: string | undefined;
  /** The chunk, tree or snapshot concerned, if there is one. */
  readonly digest: string | undefined;
  /** Which of the cases that the code stands for, a stable word; of `ARCHIVE_UNSAFE` and `ARCHIVE_TOO_LARGE`. */
  readonly reason: string | undefined;

  constructor(code: CoppiceErrorCode, message: string, options: CoppiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = options.path;
    this.digest = options.digest;
    this.reason = options.reason;
  }
}
