/**
 * Check job: what is asked of a thread that checks packs, and what it answers. Rows of chunks cross threads as flat bytes (see
 * `ChunkTable`), sorted by offset, and come back as numbers of rows.
 */
import type { BadChunk } from "./check-chunks.js";
import type { PackProblem } from "./check-structure.js";

/** One piece of work; `name` is the pack's. */
export type CheckJob =
  | {
      /** Are the chunks what they should be? */
      readonly type: "chunks";
      readonly name: string;
      /** Memory of their own, which goes to the thread. */
      readonly rows: Uint8Array<ArrayBuffer>;
      /** Whether SHA-256 is computed beside the checksums. */
      readonly deep: boolean;
    }
  | {
      /** Is the pack made as a pack should be, and does it list what the catalog does? */
      readonly type: "structure";
      readonly name: string;
      readonly lengthBytes: number;
      readonly rows: Uint8Array<ArrayBuffer>;
    }
  | {
      /** Which index records are there? */
      readonly type: "records";
      readonly name: string;
      /** Where to start: 64, or where a record ends or perhaps begins. */
      readonly fromBytes: number;
      /** Below this they begin. */
      readonly toBytes: number;
    };

/** An index record that was found by search. */
export interface FoundRecord {
  readonly offset: number;
  readonly end: number;
  readonly regionStart: number;
  readonly rows: Uint8Array;
}

/** What comes of a job, by its type. */
export interface CheckResults {
  readonly chunks: readonly BadChunk[];
  readonly structure: readonly PackProblem[];
  readonly records: FoundRecords;
}

/** The index records that were found by search; none where the file is none of this pack. */
export interface FoundRecords {
  readonly records: readonly FoundRecord[];
  /** Whether all of it could be read: else there may be more. */
  readonly isReadable: boolean;
}

/** The answer to a job. */
export type CheckResult = CheckResults[CheckJob["type"]];
