/**
 * Write image file: a snapshot as an EROFS image that stands for itself, in a file of the user's.
 */
import { closeSync, existsSync, lstatSync, openSync, realpathSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { nodeDisk } from "../disk/node-disk.js";
import { checkWord } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import type { Durability, OnProgress } from "../model/options.js";
import type { ReportedPath } from "../model/reported-path.js";
import { reportedPath } from "../model/reported-path.js";
import { explainSystemError } from "../model/system-failure.js";
import type { Engine } from "../snapshot/engine.js";
import { requireOutside } from "../snapshot/source.js";
import { whileHeld } from "../snapshot/while-held.js";
import { expectedChunks, readRoot } from "../tree/root.js";
import { ChunkNumbers } from "./chunk-numbers.js";
import { formatUuid, parseUuid, uuidOfDigest } from "./image-uuid.js";
import { snapshotSource } from "./snapshot-source.js";
import { writeImage } from "./write-image.js";

/** How a snapshot becomes an image. */
export interface ImageFileOptions {
  /** Replace a file that has content; one that is empty is replaced anyway. @default false */
  readonly force?: boolean;
  /**
   * Whether the file is on stable storage when the call returns (`full`), or only when the system gets to it.
   * @default "full"
   */
  readonly durability?: Durability;
  /**
   * By which mount(8) and blkid(8) tell the file system from others, as 8-4-4-4-12 hexadecimal digits.
   * @default made from the snapshot's digest
   */
  readonly uuid?: string;
  /** Ends the work; there is no file then, and one that was to be replaced stays. */
  readonly signal?: AbortSignal;
  /** Takes progress of the phase `image`, every 8 MiB. */
  readonly onProgress?: OnProgress;
}

/** What became of a snapshot as an image. */
export interface ImageFileReport {
  /** The file, absolute, with symbolic links resolved. */
  readonly path: string;
  /** A multiple of 4,096. */
  readonly sizeBytes: number;
  /** Files, directories and all else, the root counted; several names of one file are one inode. */
  readonly inodeCount: number;
  /** In lower case. */
  readonly uuid: string;
  /** Extended attributes that EROFS has no place for. */
  readonly omittedXattrs: {
    /** All of them, also those beyond the 1,000 that `xattrs` lists. */
    readonly count: number;
    /** The first of them, with the entries that have them. */
    readonly xattrs: readonly OmittedXattr[];
  };
  /** Milliseconds on a monotonic clock, the sync included, with fractions. */
  readonly durationMs: number;
}

/** An extended attribute that is not in an image, and the path of the entry that has it. */
export interface OmittedXattr extends ReportedPath {
  /** As in `user.comment`; bytes that are not UTF-8 show as U+FFFD. */
  readonly xattr: string;
}

/** An image holds the content of files whatever those files' modes, like a store. */
const FILE_MODE = 0o600;

/** Writes a snapshot as an image; see `Store.image`. */
export async function writeImageFile(
  engine: Pick<Engine, "directory" | "disk" | "catalog" | "chunks" | "objects">,
  snapshot: SnapshotRow,
  file: string,
  options: ImageFileOptions,
): Promise<ImageFileReport> {
  const { durability = "full", force = false, signal, onProgress } = options;
  checkWord("durability", durability, ["full", "relaxed"]);
  const uuid = options.uuid === undefined ? uuidOfDigest(snapshot.digest) : parseUuid(options.uuid);
  const startedMs = performance.now();
  try {
    const { path, isNew } = openTarget(engine, file, force);
    try {
      const root = readRoot(engine.objects, snapshot.digest);
      const index = new ChunkNumbers(engine.catalog, engine.chunks, expectedChunks(root));
      const { sizeBytes, inodeCount, omittedXattrs, omittedXattrCount } = await whileHeld(
        engine,
        snapshot.digest,
        () =>
          writeImage(index, snapshotSource(index, root), nodeDisk(dirname(path)), basename(path), {
            data: "image",
            sync: durability === "full",
            uuid,
            signal,
            onProgress,
          }),
      );
      return {
        path,
        sizeBytes,
        inodeCount,
        uuid: formatUuid(uuid),
        omittedXattrs: {
          count: omittedXattrCount,
          xattrs: omittedXattrs.map((each) => ({
            ...reportedPath(each.path),
            xattr: each.xattr.toString(),
          })),
        },
        durationMs: performance.now() - startedMs,
      };
    } catch (error) {
      if (isNew) rmSync(path, { force: true });
      throw error;
    }
  } catch (error) {
    throw explainSystemError(error, `write image ${file}`);
  }
}

/**
 * Finds out where the image goes, and takes the name at once with an empty file, so that whoever wants it meanwhile
 * finds it taken.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT, TARGET_NOT_EMPTY
 * @throws {NodeJS.ErrnoException}
 */
function openTarget(
  engine: Pick<Engine, "directory">,
  file: string,
  force: boolean,
): { readonly path: string; readonly isNew: boolean } {
  const wanted = resolve(file);
  const path = existsSync(wanted)
    ? realpathSync(wanted)
    : join(realpathSync(dirname(wanted)), basename(wanted));
  requireOutside(engine, path);
  try {
    closeSync(openSync(path, "wx", FILE_MODE));
    return { path, isNew: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const own = lstatSync(path);
  if (!own.isFile()) {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot write image ${path}: what is there is no regular file, give another path`,
      { path },
    );
  }
  if (own.size > 0 && !force) {
    throw new CoppiceError(
      "TARGET_NOT_EMPTY",
      `Cannot write image ${path}: there is a file of ${own.size} bytes, give another path, or replace it with force`,
      { path },
    );
  }
  return { path, isNew: false };
}
