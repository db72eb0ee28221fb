/**
 * Options and progress that several operations share.
 */

/** How much of a crash a commit survives. */
export type Durability =
  /** Everything acknowledged survives a power cut. */
  | "full"
  /** Everything acknowledged survives the process; a power cut may lose the newest snapshots, never older ones. */
  | "relaxed";

/** What a long operation is doing. */
export type Progress =
  | {
      /** A capture reads the directory, or a restore looks at what stands in it. */
      readonly phase: "scan";
      /** Entries seen so far. */
      readonly entries: number;
      /** Bytes read from files so far; those that nothing touched are not read. */
      readonly bytesRead: number;
    }
  | {
      /** A capture has written everything and is about to register it. */
      readonly phase: "commit";
      /** Chunks that the store did not have: file content, chunk lists, trees, roots, records. */
      readonly chunks: number;
    }
  | {
      /** A restore makes, changes and removes entries. */
      readonly phase: "restore";
      /** Entries done so far, of every kind: made, replaced, changed, linked or removed. */
      readonly done: number;
      /**
       * What `done` comes to at the end: the snapshot's entries, where all of it goes to an empty directory.
       * 0 where it is not known, since what stands there may stay.
       */
      readonly total: number;
      /** Sum of the sizes of the files written so far. */
      readonly bytes: number;
    }
  | {
      /** An archive is read and stored. */
      readonly phase: "unpack";
      /** Entries read so far. */
      readonly entries: number;
      /** Bytes of it read so far, as they are once expanded. */
      readonly bytes: number;
    }
  | {
      /** An image is written. */
      readonly phase: "image";
      /** Bytes of it written so far. */
      readonly bytes: number;
      /** What `bytes` comes to at the end. */
      readonly total: number;
    }
  | {
      /** A policy removes snapshots. */
      readonly phase: "prune";
      /** Snapshots that went so far. */
      readonly snapshots: number;
      /** What `snapshots` comes to at the end, unless something is needed again meanwhile. */
      readonly total: number;
    }
  | {
      /** An erasure looks for what is to go, and then makes snapshots without it. */
      readonly phase: "erase";
      /** Snapshots looked at so far, or made anew. */
      readonly snapshots: number;
      /** What `snapshots` comes to at the end. */
      readonly total: number;
    }
  | {
      /** An erasure reads back what should be gone. */
      readonly phase: "prove";
      /** Packs looked at so far. */
      readonly packs: number;
      /** What `packs` comes to at the end. */
      readonly total: number;
    }
  | {
      /** A collection looks for what is to stay; a verification or a repair for what snapshots consist of. */
      readonly phase: "mark";
      /** Chunks found so far. */
      readonly chunks: number;
    }
  | {
      /** A collection takes out of the catalog what nothing needs. */
      readonly phase: "sweep";
      /** Chunks that went so far. */
      readonly chunks: number;
      /** What `chunks` comes to at the end, unless something is needed again meanwhile. */
      readonly total: number;
    }
  | {
      /** A collection frees space in packs. */
      readonly phase: "reclaim";
      /** Packs looked at so far. */
      readonly packs: number;
      /** What `packs` comes to at the end. */
      readonly total: number;
    }
  | {
      /** A verification or a repair reads stored chunks. */
      readonly phase: "check";
      /** Bytes of chunks read so far. */
      readonly bytes: number;
      /** What `bytes` comes to at the end, about. */
      readonly total: number;
    }
  | {
      /** A repair looks for lost chunks in directories. */
      readonly phase: "heal";
      /** Files read so far. */
      readonly files: number;
      /** Chunks that are still to be found. */
      readonly missing: number;
    };

/** Takes progress, at most some hundred times a second. */
export type OnProgress = (progress: Progress) => void;
