/**
 * Scan workers: the calling thread's side of the scan's worker threads.
 */
import { Worker } from "node:worker_threads";
import { CoppiceError } from "../model/error.js";
import type { WrittenPack } from "../pack/chunk-writer.js";
import { createSignals, stop, wake } from "../threads/blocking-port.js";
import type { Posted } from "../threads/posted.js";
import { receivedBytes } from "../threads/posted.js";
import { fromPlainError } from "../threads/thread-error.js";
import type { ScanResult, ScanSettings, ScanTask } from "./scan-task.js";
import type { FromScanThread, ScanThreadData, ToScanThread } from "./scan-thread.js";
import type { StoreService, ToStoreThread } from "./thread-store.js";
import { answerThread } from "./thread-store.js";

/** What a thread that ended well leaves. */
export interface FinishedThread {
  readonly packs: readonly WrittenPack[];
  readonly bytesWritten: number;
}

/** One worker thread; runs one task at a time. */
export class ScanWorker {
  readonly #worker: Worker;
  readonly #signals = createSignals();
  readonly #exited: Promise<void>;
  readonly #service: StoreService;
  #resolve: ((message: Posted<FromScanThread>) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(settings: ScanSettings, store: ScanThreadData["store"], service: StoreService) {
    this.#service = service;
    const data: ScanThreadData = { settings, signals: this.#signals, store };
    this.#worker = new Worker(new URL("./scan-thread.js", import.meta.url), { workerData: data });
    this.#worker.on("message", (message: Posted<FromScanThread>) => this.#take(message));
    this.#worker.on("error", (error) => this.#reject?.(error));
    this.#exited = new Promise((resolve) => this.#worker.on("exit", () => resolve()));
    void this.#exited.then(() =>
      this.#reject?.(new CoppiceError("IO", "Cannot scan: a worker thread ended early, try again")),
    );
  }

  async run(task: ScanTask): Promise<Posted<ScanResult>> {
    const message = await this.#ask({ type: "task", task });
    if (message.type !== "result")
      throw new Error(`A scan thread answered a task with ${message.type}`);
    return message.result;
  }

  /** Ends the thread; everything it wrote is written out and, where asked, synced. */
  async finish(sync: boolean): Promise<FinishedThread> {
    const message = await this.#ask({ type: "finish", sync });
    if (message.type !== "finished")
      throw new Error(`A scan thread answered the end with ${message.type}`);
    return {
      bytesWritten: message.bytesWritten,
      packs: message.packs.map((pack) => ({
        ...pack,
        rows: receivedBytes(pack.rows),
      })),
    };
  }

  /** Has the thread leave what it is doing; returns once it has ended. */
  async stop(): Promise<void> {
    this.#resolve = this.#reject = undefined;
    stop(this.#signals);
    await this.#exited;
  }

  #ask(message: ToScanThread): Promise<Posted<FromScanThread>> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#post(message);
    });
  }

  #take(message: Posted<FromScanThread>): void {
    try {
      switch (message.type) {
        case "claim":
        case "acquire":
          this.#post(answerThread(message, this.#service));
          return;
        case "failed":
          this.#reject?.(fromPlainError(message.error));
          return;
        default:
          this.#resolve?.(message);
      }
    } catch (error) {
      this.#reject?.(error);
    }
  }

  #post(message: ToScanThread | ToStoreThread): void {
    this.#worker.postMessage(message);
    wake(this.#signals);
  }
}
