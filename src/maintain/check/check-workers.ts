/**
 * Check workers: hands check jobs to threads, or does them in the calling thread, where there is little to read.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type Alias, aliasedDisk } from "../../disk/aliased-disk.js";
import { CoppiceError } from "../../model/error.js";
import type { Engine } from "../../snapshot/engine.js";
import type { Signals } from "../../threads/blocking-port.js";
import { createSignals, stop, wake } from "../../threads/blocking-port.js";
import type { Posted } from "../../threads/posted.js";
import { fromPlainError } from "../../threads/thread-error.js";
import type { CheckJob, CheckResult, CheckResults } from "./check-job.js";
import type { CheckThreadData, FromCheckThread } from "./check-thread.js";
import { JobRunner } from "./run-job.js";

/** More threads than this wait for the disk. */
const WORKERS_MAX = 8;
/** From so many bytes on, starting threads (50 ms) pays. */
const THREADS_FROM_BYTES = 32 * 1024 * 1024;
/** So many jobs wait in a thread beside the one that it does: it goes on while the calling thread is busy with something else. */
const QUEUED_MAX = 3;

interface Task {
  readonly job: CheckJob;
  readonly resolve: (result: CheckResult) => void;
  readonly reject: (error: unknown) => void;
}

export class CheckWorkers {
  readonly #data: Omit<CheckThreadData, "signals">;
  readonly #inline: JobRunner;
  readonly #threads: Thread[] = [];
  readonly #waiting: Task[] = [];
  #bytes = 0;
  #failure: unknown;

  /** @param aliases how packs are to be seen */
  constructor(
    { directory, disk, catalog }: Pick<Engine, "directory" | "disk" | "catalog">,
    aliases: readonly Alias[] = [],
  ) {
    this.#data = { storeDirectory: directory, storeId: catalog.storeId, aliases };
    this.#inline = new JobRunner(aliasedDisk(disk, aliases), catalog.storeId);
  }

  /** How many jobs to hand out before the first is awaited, so that no thread is idle. */
  get width(): number {
    return (this.#threads.length === 0 ? 1 : this.#threads.length) * (1 + QUEUED_MAX) + 1;
  }

  /** Says that about so many bytes more are to be read: threads are started where that pays. */
  expect(bytes: number): void {
    this.#bytes += bytes;
    if (this.#threads.length > 0 || this.#bytes <= THREADS_FROM_BYTES) return;
    const count = Math.min(WORKERS_MAX, availableParallelism());
    for (let index = 0; index < count; index++) this.#start();
  }

  /**
   * Does a job.
   *
   * @throws {CoppiceError} IO where a thread ended early
   */
  async run<Job extends CheckJob>(job: Job): Promise<CheckResults[Job["type"]]> {
    if (this.#threads.length === 0) {
      await new Promise(setImmediate);
      return this.#inline.run(job) as CheckResults[Job["type"]];
    }
    const result = await new Promise<CheckResult>((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#assign();
    });
    return result as CheckResults[Job["type"]];
  }

  /** Has the threads leave what they are doing; returns once they have ended. */
  async close(): Promise<void> {
    for (const thread of this.#threads) stop(thread.signals);
    await Promise.all(this.#threads.map((thread) => thread.exited));
  }

  #start(): void {
    const signals = createSignals();
    const data: CheckThreadData = { ...this.#data, signals };
    const worker = new Worker(new URL("./check-thread.js", import.meta.url), { workerData: data });
    const exited = new Promise<void>((resolve) => worker.on("exit", () => resolve()));
    const thread: Thread = { worker, signals, exited, tasks: [] };
    worker.on("message", (message: Posted<FromCheckThread>) => {
      if (message.type === "failed") return this.#fail(fromPlainError(message.error));
      thread.tasks.shift()?.resolve(message.result);
      this.#assign();
    });
    worker.on("error", (error) => this.#fail(error));
    void exited.then(() =>
      this.#fail(
        new CoppiceError("IO", "Cannot check packs: a worker thread ended early, try again"),
      ),
    );
    this.#threads.push(thread);
  }

  #assign(): void {
    if (this.#failure !== undefined) {
      for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
      return;
    }
    for (let depth = 0; depth <= QUEUED_MAX; depth++) {
      for (const thread of this.#threads) {
        if (thread.tasks.length > depth) continue;
        const task = this.#waiting.shift();
        if (task === undefined) return;
        thread.tasks.push(task);
        const { job } = task;
        thread.worker.postMessage(job, "rows" in job ? [job.rows.buffer] : []);
        wake(thread.signals);
      }
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const thread of this.#threads)
      for (const { reject } of thread.tasks.splice(0)) reject(this.#failure);
    this.#assign();
  }
}

interface Thread {
  readonly worker: Worker;
  readonly signals: Signals;
  readonly exited: Promise<void>;
  /** What it was given, the one that it does first. */
  readonly tasks: Task[];
}
