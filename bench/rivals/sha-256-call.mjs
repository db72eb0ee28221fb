/**
 * Prints as JSON how long SHA-256 of so many bytes takes when each core hashes its share:
 * `node sha-256-call.mjs BYTES THREADS`
 *
 * One thread hashes one share and the machine is idle otherwise; 0 threads are as many as there are cores, and the slowest
 * counts. Starting them does not.
 */
import { hash } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/** As large as Coppice's largest chunks of file data: beyond that the rate stays the same. */
const PIECE_BYTES = 64 * 1024;

if (isMainThread) {
  const [bytes = Number.NaN, threads = Number.NaN] = process.argv.slice(2).map(Number);
  const cores = availableParallelism();
  const times = await hashInThreads(threads === 0 ? cores : threads, bytes / cores);
  console.log(JSON.stringify({ elapsedMs: Math.max(...times) }));
} else {
  parentPort?.once("message", (/** @type {number} */ bytes) => {
    parentPort?.postMessage(hashFor(bytes));
  });
  hashFor(PIECE_BYTES * 100);
  parentPort?.postMessage("ready");
}

/**
 * Returns how long each thread took, in ms.
 * @param {number} count
 * @param {number} bytes for each
 */
async function hashInThreads(count, bytes) {
  const workers = Array.from({ length: count }, () => new Worker(new URL(import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const answers = workers.map((worker) => once(worker, "message"));
  for (const worker of workers) worker.postMessage(bytes);
  return (await Promise.all(answers)).map(([elapsedMs]) => Number(elapsedMs));
}

/** @param {number} bytes */
function hashFor(bytes) {
  const piece = Buffer.alloc(PIECE_BYTES, "seed");
  const startNs = process.hrtime.bigint();
  for (let done = 0; done < bytes; done += PIECE_BYTES) hash("sha256", piece, "binary");
  return Number(process.hrtime.bigint() - startNs) / 1e6;
}
