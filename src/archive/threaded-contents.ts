/**
 * Threaded contents: files of an archive become chunks in a thread, while the calling thread reads on. It is the calling thread's
 * side of one content thread: batches of bytes go there, digests come back.
 */
import { Worker } from "node:worker_threads";
import { wholeFileBytesMax } from "../chunk/plan-cuts.js";
import { DIGEST_BYTES, NO_DIGEST } from "../model/digest.js";
import type { Content } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import type { WrittenPack } from "../pack/chunk-writer.js";
import type { StorePlace, StoreService, ToStoreThread } from "../scan/thread-store.js";
import { answerThread } from "../scan/thread-store.js";
import { createSignals, stop, wake } from "../threads/blocking-port.js";
import type { Posted } from "../threads/posted.js";
import { receivedBytes } from "../threads/posted.js";
import { fromPlainError } from "../threads/thread-error.js";
import { setContentDigest } from "../tree/entry-codec.js";
import type { EntryBody } from "./bytes/entry-body.js";
import type {
  ContentThreadData,
  FromContentThread,
  SentFile,
  ToContentThread,
} from "./content-thread.js";

/** Bytes sent at once. */
const BATCH_BYTES = 1024 * 1024;
/** Files sent at once: they may have a byte each. */
const BATCH_FILES = 1024;
/** Batches that were sent and not read yet, at most: more than the thread's window, which it fills before it cuts. */
const BATCHES_MAX = 8;

/** What the thread wrote. */
export type ThreadWritten = Pick<
  Extract<FromContentThread, { type: "finished" }>,
  "packs" | "bytesWritten"
>;

export class ThreadedContents {
  readonly #service: StoreService;
  readonly #worker: Worker;
  readonly #signals = createSignals();
  readonly #exited: Promise<void>;
  #batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #used = 0;
  #files: SentFile[] = [];
  /** Of files that were sent and have no digest yet, in their order. */
  #records: Buffer[] = [];
  /** Messages that were not answered. */
  #unread = 0;
  #written: ThreadWritten | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** Called with each message that comes. */
  #onMessage: (() => void) | undefined;

  constructor(store: StorePlace, service: StoreService) {
    this.#service = service;
    const data: ContentThreadData = { signals: this.#signals, store };
    this.#worker = new Worker(new URL("./content-thread.js", import.meta.url), {
      workerData: data,
    });
    this.#worker.on("message", (message: Posted<FromContentThread>) => this.#take(message));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#exited = new Promise((resolve) => this.#worker.on("exit", () => resolve()));
    void this.#exited.then(() => {
      if (this.#written === undefined)
        this.#fail(
          new CoppiceError("IO", "Cannot unpack archive: a worker thread ended early, try again"),
        );
    });
  }

  /** Whether nothing more is sent until the thread has read some of it: `whenAnswered` waits for that. */
  get isFull(): boolean {
    return this.#unread >= BATCHES_MAX;
  }

  /**
   * Sends a file, and returns what it will be stored as. The digest is not known yet: `fill` is to be called with the record before
   * anybody else gets a turn. Yields where the bytes are not there yet, or too many were sent.
   */
  *write(body: EntryBody): Generator<void, Content> {
    const { sizeBytes, sparse } = body;
    this.#files.push({ storedBytes: body.storedLeft, sparse });
    while (body.storedLeft > 0) {
      if (this.#used === BATCH_BYTES) this.#send();
      while (this.isFull) yield;
      this.#used += yield* body.copyStored(this.#batch, this.#used);
    }
    if (this.#files.length >= BATCH_FILES) this.#send();
    return { form: sizeBytes <= wholeFileBytesMax ? "chunk" : "list", digest: NO_DIGEST };
  }

  /** Has the digest of the file that was sent last put into its record, once it is known. */
  fill(record: Buffer): void {
    this.#records.push(record);
  }

  /**
   * Waits for the thread's next message.
   *
   * @throws what the thread failed with
   */
  async whenAnswered(): Promise<void> {
    this.#throwIfFailed();
    await new Promise<void>((resolve) => {
      this.#onMessage = resolve;
    });
    this.#throwIfFailed();
  }

  /** Says that all files were sent, and waits until all records have their digests. @param sync whether the packs are to be synced */
  async finish(sync: boolean): Promise<void> {
    this.#send();
    this.#post({ type: "finish", sync });
    this.#unread++;
    while (this.#unread > 0) await this.whenAnswered();
  }

  /** Returns what the thread wrote, once it has. */
  async written(): Promise<ThreadWritten> {
    while (this.#written === undefined) await this.whenAnswered();
    return this.#written;
  }

  /** Has the thread leave what it is doing; returns once it has ended. */
  async stop(): Promise<void> {
    stop(this.#signals);
    await this.#exited;
  }

  #send(): void {
    const bytes = this.#batch.subarray(0, this.#used);
    this.#post({ type: "batch", files: this.#files, bytes }, [this.#batch.buffer]);
    this.#unread++;
    this.#batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
    this.#used = 0;
    this.#files = [];
  }

  #take(message: Posted<FromContentThread>): void {
    try {
      switch (message.type) {
        case "claim":
        case "acquire":
          this.#post(answerThread(message, this.#service));
          return;
        case "read":
          this.#fillRecords(receivedBytes(message.digests));
          this.#unread--;
          break;
        case "finished": {
          const { bytesWritten } = message;
          const packs = message.packs.map(
            (pack): WrittenPack => ({ ...pack, rows: receivedBytes(pack.rows) }),
          );
          this.#written = { packs, bytesWritten };
          break;
        }
        default:
          this.#fail(fromPlainError(message.error));
          return;
      }
      this.#onMessage?.();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fillRecords(digests: Buffer): void {
    const filled = this.#records.splice(0, digests.length / DIGEST_BYTES);
    for (const [index, record] of filled.entries())
      setContentDigest(record, digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES));
  }

  #post(message: ToContentThread | ToStoreThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
    wake(this.#signals);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#onMessage?.();
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
