/**
 * File dispatcher: takes files to write, writes the first ones in the calling thread and hands the rest
 * to worker threads, with a bound on what waits.
 */
import { Worker } from "node:worker_threads";
import { CoppiceError } from "../model/error.js";
import type { ChunkReader } from "../pack/chunk-reader.js";
import type { Signals } from "../threads/blocking-port.js";
import { createSignals, stop, wake } from "../threads/blocking-port.js";
import { fromPlainError } from "../threads/thread-error.js";
import type { BatchResult } from "./batch-writer.js";
import { BatchWriter } from "./batch-writer.js";
import type { FileBatch, FileToWrite } from "./file-batch.js";
import { encodeFiles } from "./file-batch.js";
import type { FromRestoreThread, RestoreThreadData, ToRestoreThread } from "./restore-thread.js";

/** Once so many files or bytes were written here and more come, starting threads (50 ms) pays. */
const THREADS_FROM_FILES = 1_000;
const THREADS_FROM_BYTES = 32 * 1024 * 1024;
/** Files and bytes in one message. */
const MESSAGE_FILES_MAX = 128;
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
/** Messages that may wait for a thread. */
const WAITING_MAX = 32;

export class FileDispatcher {
  readonly #data: Omit<RestoreThreadData, "signals">;
  readonly #workersMax: number;
  readonly #inline: BatchWriter;
  readonly #onResult: (result: BatchResult) => void;
  readonly #threads: Thread[] = [];
  readonly #waiting: FileBatch[][] = [];
  #batches: FileBatch[] = [];
  #batchFiles = 0;
  #batchBytes = 0;
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
    this.#inline = new BatchWriter(data.root, reader, data.restorer);
    this.#onResult = onResult;
  }

  /** Takes files of one directory; returns once there is room for more. */
  async add(
    names: readonly Buffer[],
    isOwnDirectory: boolean,
    files: readonly FileToWrite[],
  ): Promise<void> {
    if (files.length === 0) return;
    const bytes = files.reduce((sum, file) => sum + file.entry.sizeBytes, 0);
    this.#batches.push({ names, isOwnDirectory, files: encodeFiles(files) });
    this.#batchFiles += files.length;
    this.#batchBytes += bytes;
    this.#files += files.length;
    this.#bytes += bytes;
    if (this.#batchFiles >= MESSAGE_FILES_MAX || this.#batchBytes >= MESSAGE_BYTES_MAX)
      await this.#send();
  }

  /** Returns once everything is written. */
  async finish(): Promise<void> {
    await this.#send();
    await this.#until(() => this.#running === 0 && this.#waiting.length === 0);
  }

  /** Has the threads leave what they are doing; returns once they have ended. */
  async close(): Promise<void> {
    this.#inline.close();
    for (const thread of this.#threads) stop(thread.signals);
    await Promise.all(this.#threads.map((thread) => thread.exited));
  }

  async #send(): Promise<void> {
    const batches = this.#batches;
    this.#batches = [];
    const isLarge = this.#files > THREADS_FROM_FILES || this.#bytes > THREADS_FROM_BYTES;
    this.#batchFiles = this.#batchBytes = 0;
    if (batches.length === 0) return;
    if (this.#threads.length === 0 && isLarge)
      for (let index = 0; index < this.#workersMax; index++) this.#start();
    if (this.#threads.length === 0) {
      this.#onResult(this.#inline.write(batches));
      await new Promise(setImmediate);
      return;
    }
    this.#waiting.push(batches);
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
    worker.on("message", (message: FromRestoreThread) => {
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
      const batches = this.#waiting.shift();
      if (batches === undefined) return;
      thread.isIdle = false;
      this.#running++;
      const message: ToRestoreThread = { batches };
      thread.worker.postMessage(
        message,
        batches.map((batch) => batch.files.buffer),
      );
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
