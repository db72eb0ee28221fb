/**
 * Options and progress that several operations share.
 */

/** How much of a crash a commit survives. */
export type Durability =
  /** Everything acknowledged survives a power cut. */
  | "full"
  /** Everything acknowledged survives the process; a power cut may lose the newest snapshots, never older ones. */
  | "relaxed";

/** What a long operation is doing; `total` is there once it is known. */
export type Progress =
  | { readonly phase: "scan"; readonly entries: number; readonly bytesRead: number }
  | { readonly phase: "commit"; readonly chunks: number }
  | {
      readonly phase: "restore";
      readonly done: number;
      readonly total: number;
      readonly bytes: number;
    };

/** Takes progress, at most some hundred times a second. */
export type OnProgress = (progress: Progress) => void;
