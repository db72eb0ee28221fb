/**
 * Run scan: drives a tree scan to its end, in the calling thread and, where there is enough to do, in
 * worker threads.
 */

import { availableParallelism } from "node:os";
import { inTurns } from "../threads/in-turns.js";
import type { Posted } from "../threads/posted.js";
import type { NodeSink } from "../tree/tree-builder.js";
import type { ChunkSink } from "./chunk-pipeline.js";
import type { ScanTally } from "./scan-tally.js";
import { addTally, emptyTally } from "./scan-tally.js";
import type { ScanSettings } from "./scan-task.js";
import type { ScanThreadData } from "./scan-thread.js";
import type { FinishedThread } from "./scan-workers.js";
import { ScanWorker } from "./scan-workers.js";
import { Scanner } from "./scanner.js";
import type { StoreService } from "./thread-store.js";
import { TreeScan } from "./tree-scan.js";

/** Once so many files were read and more is queued, starting threads (50 ms) pays. */
const THREADS_FROM_FILES = 1_000;
/** The same for bytes, read or known to come. */
const THREADS_FROM_BYTES = 32 * 1024 * 1024;
/** More threads than this wait for the disk and the catalog rather than work. */
const WORKERS_MAX = 8;

/** How a scan runs. */
export interface ScanRun {
  readonly settings: ScanSettings;
  /** Identity of the root directory. */
  readonly root: string;
  /** Offset of the root's block in the cache. */
  readonly rootBlock: number;
  readonly store: ScanThreadData["store"];
  readonly service: StoreService;
  /** Where the calling thread puts chunks. */
  readonly sink: ChunkSink;
  /** Where the trees' nodes go. */
  readonly nodes: NodeSink;
  /** Threads to use at most; 0 for the calling thread alone; by default as many as there are processors. */
  readonly workers?: number | undefined;
  readonly sync: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((entries: number, bytesRead: number) => void) | undefined;
}

export interface ScanOutcome {
  readonly scan: TreeScan;
  readonly tally: ScanTally;
  readonly threads: readonly FinishedThread[];
}

/**
 * Scans a directory. When it returns, every chunk was handed to the sinks, and those of worker
 * threads are written and synced.
 *
 * @throws {CoppiceError} UNREADABLE, SOURCE_VANISHED
 * @throws the signal's reason
 */
export async function runScan(run: ScanRun): Promise<ScanOutcome> {
  const scan = new TreeScan(
    run.root,
    Buffer.from(run.settings.cache as unknown as ArrayBuffer),
    run.rootBlock,
    run.nodes,
  );
  const tally = emptyTally();
  const workersMax = run.workers ?? Math.min(WORKERS_MAX, availableParallelism());
  const inline = new Scanner(run.settings, run.service.known, run.sink);
  const workers: ScanWorker[] = [];
  const report = (more: Posted<ScanTally>): void => {
    addTally(tally, more);
    run.onProgress?.(scan.entriesSeen, tally.bytesRead);
  };
  try {
    const wantsThreads = () =>
      workersMax > 0 &&
      (tally.filesRead >= THREADS_FROM_FILES ||
        tally.bytesRead + scan.largeBytesSeen > THREADS_FROM_BYTES);
    await inTurns(scanInline(scan, inline, run, wantsThreads, report));
    if (!scan.isDone) {
      for (let index = 0; index < workersMax; index++) {
        workers.push(new ScanWorker(run.settings, run.store, run.service));
      }
      await scanInThreads(scan, workers, run, report);
    }
    inline.flush();
    const threads = await Promise.all(workers.map((worker) => worker.finish(run.sync)));
    return { scan, tally, threads };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

function* scanInline(
  scan: TreeScan,
  scanner: Scanner,
  run: ScanRun,
  isEnough: () => boolean,
  report: (tally: Posted<ScanTally>) => void,
): Generator<void, void> {
  for (let task = scan.nextTask(1); task !== undefined; task = scan.nextTask(1)) {
    const result = scanner.run(task);
    scan.accept(result);
    report(result.tally);
    run.signal?.throwIfAborted();
    if (isEnough()) return;
    yield;
  }
}

function scanInThreads(
  scan: TreeScan,
  workers: readonly ScanWorker[],
  run: ScanRun,
  report: (tally: Posted<ScanTally>) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const idle = [...workers];
    const abort = (): void => reject(run.signal?.reason);
    run.signal?.addEventListener("abort", abort, { once: true });
    const settle = (action: () => void): void => {
      run.signal?.removeEventListener("abort", abort);
      action();
    };
    const assign = (): void => {
      while (idle.length > 0) {
        const task = scan.nextTask(workers.length);
        if (task === undefined) break;
        const worker = idle.pop() as ScanWorker;
        worker
          .run(task)
          .then((result) => {
            scan.accept(result);
            report(result.tally);
            idle.push(worker);
            assign();
          })
          .catch((error: unknown) => settle(() => reject(error)));
      }
      if (scan.isDone) settle(resolve);
    };
    if (run.signal?.aborted === true) abort();
    else assign();
  });
}
