/**
 * A scan's worker thread: takes tasks, reads, hashes and appends to packs of its own. File data never
 * leaves the thread; questions to the calling thread are batches of digests.
 */

import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { xxh64Ready } from "../hash/xxh64.js";
import type { WrittenPack } from "../pack/chunk-writer.js";
import type { Signals } from "../threads/blocking-port.js";
import { BlockingPort } from "../threads/blocking-port.js";
import type { Posted } from "../threads/posted.js";
import { receivedPath } from "../threads/posted.js";
import type { PlainError } from "../threads/thread-error.js";
import { toPlainError } from "../threads/thread-error.js";
import { NO_SINK } from "./chunk-pipeline.js";
import type { DirectoryResult, ScanResult, ScanSettings, ScanTask } from "./scan-task.js";
import { Scanner } from "./scanner.js";
import type { FromStoreThread, StorePlace, ToStoreThread } from "./thread-store.js";
import { ThreadStore } from "./thread-store.js";

export interface ScanThreadData {
  readonly settings: ScanSettings;
  readonly signals: Signals;
  /** Where the store lies; absent where a directory is only looked at. */
  readonly store: StorePlace | undefined;
}

/** What the thread says. */
export type FromScanThread =
  | FromStoreThread
  | { readonly type: "result"; readonly result: ScanResult }
  | {
      readonly type: "finished";
      readonly packs: readonly WrittenPack[];
      readonly bytesWritten: number;
    }
  | { readonly type: "failed"; readonly error: PlainError };

/** What the thread is told. */
export type ToScanThread =
  | { readonly type: "task"; readonly task: ScanTask }
  | { readonly type: "finish"; readonly sync: boolean };

function main(): void {
  const { settings, signals, store } = workerData as Posted<ScanThreadData>;
  const root = receivedPath(settings.root);
  const port = new BlockingPort<ToScanThread | ToStoreThread, FromScanThread>(
    parentPort as MessagePort,
    signals,
  );
  const inStore = new ThreadStore<ToScanThread>(port, store);
  const { writer } = inStore;
  const scanner = new Scanner({ ...settings, root }, inStore, writer ?? NO_SINK);
  try {
    for (;;) {
      const message = inStore.receive("task", "finish");
      if (message.type === "finish") {
        scanner.flush();
        const packs = writer?.finish(message.sync) ?? [];
        port.post({ type: "finished", packs, bytesWritten: writer?.bytesWritten ?? 0 });
        writer?.close();
        return;
      }
      const result = scanner.run(receivedTask(message.task));
      const { directories, memory } = gatherBlocks(result.directories);
      port.post({ type: "result", result: { ...result, directories } }, [memory]);
    }
  } catch (error) {
    port.post({ type: "failed", error: toPlainError(error) });
    writer?.close();
  }
}

function receivedTask({ directories, files }: Posted<ScanTask>): ScanTask {
  return {
    directories: directories.map((each) => ({ ...each, path: receivedPath(each.path) })),
    files: files.map((each) => ({ ...each, path: receivedPath(each.path) })),
  };
}

/** Puts all blocks into one memory: handing over one costs what handing over a thousand small ones does not. */
function gatherBlocks(directories: readonly DirectoryResult[]): {
  directories: DirectoryResult[];
  memory: ArrayBuffer;
} {
  const bytes = directories.reduce(
    (sum, each) => sum + (each.outcome === "listed" ? each.block.length : 0),
    0,
  );
  const memory = new ArrayBuffer(bytes);
  let at = 0;
  const gathered = directories.map((each): DirectoryResult => {
    if (each.outcome !== "listed") return each;
    const block = new Uint8Array(memory, at, each.block.length);
    block.set(each.block);
    at += block.length;
    return { ...each, block };
  });
  return { directories: gathered, memory };
}

await xxh64Ready;
main();
