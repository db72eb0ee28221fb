/**
 * Unpack options: what archives come from, how they are taken in, and the account of it.
 */
import type { OnProgress } from "../model/options.js";
import type { ReportedPath } from "../model/reported-path.js";

/** Where an archive's bytes come from: a file's path, the bytes themselves, or what yields them. */
export type ArchiveSource =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | ReadableStream<Uint8Array>;

/** How much an archive may be. What goes beyond is refused with `ARCHIVE_TOO_LARGE`. */
export interface UnpackLimits {
  /** Bytes once it is expanded, with the holes of its files. @default 10 GiB */
  readonly maxBytes?: number;
  /** Entries, with directories that are made because something lies in them. @default 1,000,000 */
  readonly maxEntries?: number;
  /** How many times its size a compressed archive may expand to; counted beyond the first 64 MiB of it. @default 200 */
  readonly maxRatio?: number;
  /** Bytes of a path. @default 4,096 */
  readonly maxPathBytes?: number;
  /** Bytes of memory for all that is not content: names, links' targets, extended attributes, some 250 bytes an entry. @default 512 MiB */
  readonly maxMetadataBytes?: number;
  /** Bytes of memory that zstd may want for expanding; `zstd --long=27` makes archives that want as much. @default 128 MiB */
  readonly maxWindowBytes?: number;
}

/** How an archive is taken in. */
export interface UnpackOptions {
  /** How much it may be. */
  readonly limits?: UnpackLimits;
  /** What becomes of character and block devices. @default "refuse" */
  readonly devices?: "refuse" | "keep";
  /**
   * Where symbolic links may lead: `inside` refuses those that lead out of the tree, by whatever links on the way, also once
   * names on the way come to be that are missing now, and absolute ones. Root file systems of distributions have absolute links. @default "inside"
   */
  readonly links?: "inside" | "any";
  /** Whose the entries are: who the archive says, by number, or who runs this process. @default "keep" */
  readonly owner?: "keep" | "self";
  /** What becomes of names in a directory that are one where case or Unicode's normal forms do not count. @default "keep" */
  readonly caseCollisions?: "keep" | "refuse";
  /** Ends it; nothing is registered then. */
  readonly signal?: AbortSignal;
  /** Takes progress, of phase `unpack`. */
  readonly onProgress?: OnProgress;
}

/** What an entry had that there is no place for. */
export interface DroppedPart extends ReportedPath {
  /** The keyword that says it in the archive, as in `SCHILY.fflags`. */
  readonly part: string;
}

/** The account of an archive that was taken in. */
export interface UnpackReport {
  /** Entries that the archive has. A later one may replace an earlier one. */
  readonly entries: number;
  /** Bytes of the archive, expanded. */
  readonly bytes: number;
  /** Bytes of the archive as it came. */
  readonly archiveBytes: number;
  /** How it was compressed, as its first bytes tell. */
  readonly compression: "none" | "gzip" | "zstd";
  /** What was left out. */
  readonly dropped: {
    /** All of it, also what is beyond the 1,000 parts that are listed. */
    readonly count: number;
    /** In the archive's order. */
    readonly parts: readonly DroppedPart[];
  };
  /** Bytes of chunks and trees that the store did not have. */
  readonly bytesNew: number;
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}

const GIB = 1024 ** 3;

const LIMITS: Required<UnpackLimits> = {
  maxBytes: 10 * GIB,
  maxEntries: 1_000_000,
  maxRatio: 200,
  maxPathBytes: 4096,
  maxMetadataBytes: GIB / 2,
  maxWindowBytes: GIB / 8,
};

/**
 * Returns all limits.
 *
 * @throws {RangeError} unless each is a number from 1 on, or infinity
 */
export function allLimits(limits: UnpackLimits = {}): Required<UnpackLimits> {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(LIMITS, name))
      throw new RangeError(`Cannot use limit ${name}: there are ${Object.keys(LIMITS).join(", ")}`);
    if (value !== undefined && !(typeof value === "number" && value >= 1))
      throw new RangeError(`Cannot use ${name} ${value}: give a number from 1 on`);
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...LIMITS, ...Object.fromEntries(given) };
}
