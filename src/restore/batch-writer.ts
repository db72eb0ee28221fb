/**
 * Batch writer: writes batches of files in one thread.
 */
import type { ChunkReader } from "../pack/chunk-reader.js";
import type { SystemPath } from "../system/system-path.js";
import type { Restorer } from "./attributes.js";
import { decodeBatch } from "./file-batch.js";
import { FileWriter } from "./file-writer.js";
import { TargetDirectories } from "./target-directory.js";

/** What a batch came to. */
export interface BatchResult {
  readonly files: number;
  readonly bytes: number;
  readonly limits: readonly string[];
}

export class BatchWriter {
  readonly #directories: TargetDirectories;
  readonly #writer: FileWriter;
  readonly #limits = new Set<string>();

  /** @param checkpoint called now and then; what it throws ends the writing and leaves no part of a file */
  constructor(root: string, reader: ChunkReader, restorer: Restorer, checkpoint?: () => void) {
    this.#directories = new TargetDirectories(root);
    const onLimit = (limit: string): void => void this.#limits.add(limit);
    this.#writer = new FileWriter(reader, restorer, onLimit, checkpoint);
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
  }
}
