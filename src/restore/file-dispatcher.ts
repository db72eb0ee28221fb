/**
 * File dispatcher: takes files to write, writes the first ones in the calling thread and hands the rest
 * to worker threads, with a bound on what waits.
 */
import { Worker } from "node:worker_threads";
import { CoppiceError } from "../model/error.js";
import type { ChunkReader } from "../pack/chunk-reader.js";
import type { Signals } from "../threads/blocking-port.js";
import { createSignals, stop, wake } from "../threads/blocking-port.js";
import type { Posted } from "../threads/posted.js";
import { fromPlainError } from "../threads/thread-error.js";
import type { BatchResult } from "./batch-writer.js";
import { BatchWriter } from "./batch-writer.js";
import { FileBatchDraft } from "./file-batch.js";
import type { FromRestoreThread, RestoreThreadData, ToRestoreThread } from "./restore-thread.js";

/** Once so many files or bytes were written here and more come, starting threads (50 ms) pays. */
const THREADS_FROM_FILES = 1_000;
const THREADS_FROM_BYTES = 32 * 1024 * 1024;
/** A batch of so many files or bytes is full. */
const BATCH_FILES_MAX = 128;
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** Batches that may wait for a thread. */
const WAITING_MAX = 32;

export class FileDispatcher {
  readonly #data: Omit<RestoreThreadData, "signals">;
  readonly #workersMax: number;
  readonly #inline: BatchWriter;
  readonly #onResult: (result: BatchResult) => void;
  readonly #threads: Thread[] = [];
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  #batch = new FileBatchDraft();
  #files = 0;
  #bytes = 0;
  #running = 0;
  #failure: unknown;
  #wakeCaller: (() => void) | undefined;

  constructor(
    data: Omit<RestoreThreadData, "signals">,
    workersMax: number,
    reader: ChunkReader,
    onResult: (result: BatchResult) => void,
  ) {
    this.#data = data;
    this.#workersMax = workersMax;
    this.#inline = new BatchWriter(data, reader);
    this.#onResult = onResult;
  }

  /** The batch that directories and their files are added to; another one after each `send`. */
  get batch(): FileBatchDraft {
    return this.#batch;
  }

  get isBatchFull(): boolean {
    const { files, fileBytes } = this.#batch;
    return files >= BATCH_FILES_MAX || fileBytes >= BATCH_BYTES_MAX;
  }

  /** Returns once everything is written. */
  async finish(): Promise<void> {
    await this.send();
    await this.#until(() => this.#running === 0 && this.#waiting.length === 0);
  }

  /** Has the threads leave what they are doing; returns once they have ended. */
  async close(): Promise<void> {
    this.#inline.close();
    for (const thread of this.#threads) stop(thread.signals);
    await Promise.all(this.#threads.map((thread) => thread.exited));
  }

  /** Hands the batch on; returns once there is room for more. */
  async send(): Promise<void> {
    const { files, fileBytes } = this.#batch;
    if (files === 0) return;
    const batch = this.#batch.finish();
    this.#batch = new FileBatchDraft();
    this.#files += files;
    this.#bytes += fileBytes;
    const isLarge = this.#files > THREADS_FROM_FILES || this.#bytes > THREADS_FROM_BYTES;
    if (this.#threads.length === 0 && isLarge)
      for (let index = 0; index < this.#workersMax; index++) this.#start();
    if (this.#threads.length === 0) {
      this.#onResult(this.#inline.write(batch));
      await new Promise(setImmediate);
      return;
    }
    this.#waiting.push(batch);
    this.#assign();
    await this.#until(() => this.#waiting.length < WAITING_MAX);
  }

  #start(): void {
    const signals = createSignals();
    const data: RestoreThreadData = { ...this.#data, signals };
    const worker = new Worker(new URL("./restore-thread.js", import.meta.url), {
      workerData: data,
    });
    const exited = new Promise<void>((resolve) => worker.on("exit", () => resolve()));
    const thread: Thread = { worker, signals, exited, isIdle: true };
    worker.on("message", (message: Posted<FromRestoreThread>) => {
      if (message.type === "failed") return this.#fail(fromPlainError(message.error));
      thread.isIdle = true;
      this.#running--;
      this.#onResult(message.result);
      this.#assign();
      this.#wakeCaller?.();
    });
    worker.on("error", (error) => this.#fail(error));
    void exited.then(() =>
      this.#fail(new CoppiceError("IO", "Cannot restore: a worker thread ended early, try again")),
    );
    this.#threads.push(thread);
  }

  #assign(): void {
    for (const thread of this.#threads) {
      if (!thread.isIdle) continue;
      const batch = this.#waiting.shift();
      if (batch === undefined) return;
      thread.isIdle = false;
      this.#running++;
      const message: ToRestoreThread = { batch };
      thread.worker.postMessage(message, [batch.buffer]);
      wake(thread.signals);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wakeCaller?.();
  }

  async #until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (condition()) return;
      await new Promise<void>((resolve) => (this.#wakeCaller = resolve));
    }
  }
}

interface Thread {
  readonly worker: Worker;
  readonly signals: Signals;
  readonly exited: Promise<void>;
  isIdle: boolean;
}
