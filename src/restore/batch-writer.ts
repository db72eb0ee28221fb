/**
 * Batch writer: writes batches of files in one thread.
 */
import type { ChunkReader } from "../pack/chunk-reader.js";
import { systemCalls } from "../system/system-calls.js";
import type { SystemPath } from "../system/system-path.js";
import type { Restorer } from "./attributes.js";
import { ExtentCloner } from "./extent-cloner.js";
import { decodeBatch } from "./file-batch.js";
import { FileWriter } from "./file-writer.js";
import { TargetDirectories } from "./target-directory.js";

/** Where batches are written, and how. */
export interface BatchTarget {
  readonly storeDirectory: string;
  /** Names of the packs by their numbers. */
  readonly packNames: ReadonlyMap<number, string>;
  /** The directory to restore. */
  readonly root: string;
  readonly restorer: Restorer;
  /** Whether files share the packs' blocks. */
  readonly sharesBlocks: boolean;
}

/** What a batch came to. */
export interface BatchResult {
  readonly files: number;
  readonly bytes: number;
  readonly limits: readonly string[];
}

export class BatchWriter {
  readonly #directories: TargetDirectories;
  readonly #writer: FileWriter;
  readonly #cloner: ExtentCloner | undefined;
  readonly #limits = new Set<string>();

  /** @param checkpoint called now and then; what it throws ends the writing and leaves no part of a file */
  constructor(target: BatchTarget, reader: ChunkReader, checkpoint?: () => void) {
    this.#directories = new TargetDirectories(target.root);
    const onLimit = (limit: string): void => void this.#limits.add(limit);
    this.#cloner = target.sharesBlocks ? clonerFor(target) : undefined;
    const { restorer } = target;
    this.#writer = new FileWriter({ reader, restorer, onLimit, checkpoint, cloner: this.#cloner });
  }

  /** Writes the files of a batch. */
  write(batch: Uint8Array): BatchResult {
    let files = 0;
    let bytes = 0;
    let directory: SystemPath = "";
    let isOwnDirectory = false;
    this.#limits.clear();
    for (const item of decodeBatch(batch)) {
      if (item.type === "directory") {
        directory = this.#directories.enter(item.names);
        isOwnDirectory = item.isOwn;
        continue;
      }
      const { entry, extents, replaces } = item;
      this.#writer.write(entry, extents, { directory, replaces, isOwnDirectory });
      files++;
      bytes += entry.sizeBytes;
    }
    return { files, bytes, limits: [...this.#limits] };
  }

  close(): void {
    this.#directories.close();
    this.#cloner?.close();
  }
}

function clonerFor({ storeDirectory, packNames }: BatchTarget): ExtentCloner {
  const calls = systemCalls();
  if ("unavailable" in calls) throw new Error(`Blocks cannot be shared: ${calls.unavailable}`);
  return new ExtentCloner(calls, storeDirectory, (id) => packNames.get(id) ?? String(id));
}
