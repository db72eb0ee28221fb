/**
 * A worker thread that checks packs, reading them itself.
 */
import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { type Alias, aliasedDisk } from "../../disk/aliased-disk.js";
import { nodeDisk } from "../../disk/node-disk.js";
import { xxh64Ready } from "../../hash/xxh64.js";
import type { Signals } from "../../threads/blocking-port.js";
import { BlockingPort } from "../../threads/blocking-port.js";
import type { PlainError } from "../../threads/thread-error.js";
import { toPlainError } from "../../threads/thread-error.js";
import type { CheckJob, CheckResult } from "./check-job.js";
import { JobRunner } from "./run-job.js";

export interface CheckThreadData {
  readonly signals: Signals;
  readonly storeDirectory: string;
  readonly storeId: string;
  readonly aliases: readonly Alias[];
}

/** What the thread says: the answers to its jobs, in their order. */
export type FromCheckThread =
  | { readonly type: "done"; readonly result: CheckResult }
  | { readonly type: "failed"; readonly error: PlainError };

function main(): void {
  const { signals, storeDirectory, storeId, aliases } = workerData as CheckThreadData;
  const port = new BlockingPort<CheckJob, FromCheckThread>(parentPort as MessagePort, signals);
  try {
    const runner = new JobRunner(aliasedDisk(nodeDisk(storeDirectory), aliases), storeId);
    // Ends when the calling thread has it stop.
    for (;;) port.post({ type: "done", result: runner.run(port.receive()) });
  } catch (error) {
    port.post({ type: "failed", error: toPlainError(error) });
  }
}

await xxh64Ready;
main();
