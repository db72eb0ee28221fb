/**
 * A restore's worker thread: writes batches of files, reading the packs itself.
 */

import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { nodeDisk } from "../disk/node-disk.js";
import { xxh64Ready } from "../hash/xxh64.js";
import { ChunkReader } from "../pack/chunk-reader.js";
import type { Signals } from "../threads/blocking-port.js";
import { BlockingPort } from "../threads/blocking-port.js";
import type { PlainError } from "../threads/thread-error.js";
import { toPlainError } from "../threads/thread-error.js";
import type { BatchResult, BatchTarget } from "./batch-writer.js";
import { BatchWriter } from "./batch-writer.js";

export interface RestoreThreadData extends BatchTarget {
  readonly signals: Signals;
  readonly storeId: string;
}

/** What the thread says. */
export type FromRestoreThread =
  | { readonly type: "written"; readonly result: BatchResult }
  | { readonly type: "failed"; readonly error: PlainError };

/** What the thread is told. */
export interface ToRestoreThread {
  readonly batch: Uint8Array;
}

function main(): void {
  const { signals, storeId, ...target } = workerData as RestoreThreadData;
  const { storeDirectory, packNames } = target;
  const port = new BlockingPort<ToRestoreThread, FromRestoreThread>(
    parentPort as MessagePort,
    signals,
  );
  try {
    const names = { storeId, packName: (id: number) => packNames.get(id) ?? String(id) };
    const reader = new ChunkReader(nodeDisk(storeDirectory), names);
    const writer = new BatchWriter(target, reader, () => port.throwIfStopped());
    // Ends when the calling thread has it stop: its files close with it.
    for (;;) port.post({ type: "written", result: writer.write(port.receive().batch) });
  } catch (error) {
    port.post({ type: "failed", error: toPlainError(error) });
  }
}

await xxh64Ready;
main();
