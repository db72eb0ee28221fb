/**
 * A worker thread that makes chunks of an archive's files: it is sent their bytes, one after the other in batches, cuts and hashes
 * them, and appends what is new to packs of its own. What goes back are digests.
 */
import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { wholeFileBytesMax } from "../chunk/plan-cuts.js";
import { xxh64Ready } from "../hash/xxh64.js";
import type { ChunkWriter, WrittenPack } from "../pack/chunk-writer.js";
import { ContentReader } from "../scan/content-reader.js";
import type { FromStoreThread, StorePlace, ToStoreThread } from "../scan/thread-store.js";
import { ThreadStore } from "../scan/thread-store.js";
import type { Signals } from "../threads/blocking-port.js";
import { BlockingPort } from "../threads/blocking-port.js";
import type { PlainError } from "../threads/thread-error.js";
import { toPlainError } from "../threads/thread-error.js";
import { EntryBody } from "./bytes/entry-body.js";
import { InputQueue } from "./bytes/input-queue.js";

export interface ContentThreadData {
  readonly signals: Signals;
  readonly store: StorePlace;
}

/** A file whose bytes are sent. */
export interface SentFile {
  /** Bytes that are sent of it: those of its holes are not. */
  readonly storedBytes: number;
  readonly sparse: EntryBody["sparse"];
}

/** What the thread is told. */
export type ToContentThread =
  /** More bytes, and the files that begin in them. */
  | { readonly type: "batch"; readonly files: readonly SentFile[]; readonly bytes: Uint8Array }
  /** That all was sent. */
  | { readonly type: "finish"; readonly sync: boolean };

/** What the thread says. */
export type FromContentThread =
  | FromStoreThread
  /** One answer to each message: the digests of the files that ended meanwhile, one after the other as these were sent. */
  | { readonly type: "read"; readonly digests: Uint8Array }
  | {
      readonly type: "finished";
      readonly packs: readonly WrittenPack[];
      readonly bytesWritten: number;
    }
  | { readonly type: "failed"; readonly error: PlainError };

function main(): void {
  const { signals, store } = workerData as ContentThreadData;
  const port = new BlockingPort<ToContentThread | ToStoreThread, FromContentThread>(
    parentPort as MessagePort,
    signals,
  );
  const inStore = new ThreadStore<ToContentThread>(port, store);
  const writer = inStore.writer as ChunkWriter;
  try {
    const reader = new ContentReader(inStore, writer);
    const input = new InputQueue();
    const files: SentFile[] = [];
    const digests: Uint8Array[] = [];
    const work = readFiles(reader, input, files, digests);
    for (;;) {
      const message = inStore.receive("batch", "finish");
      if (message.type === "batch") {
        files.push(...message.files);
        input.push(message.bytes);
      } else {
        input.end();
      }
      while (work.next().done !== true && !input.isShort) port.throwIfStopped();
      if (message.type === "finish") reader.flush();
      const read = new Uint8Array(Buffer.concat(digests.splice(0)));
      port.post({ type: "read", digests: read }, [read.buffer]);
      if (message.type === "batch") continue;
      const packs = writer.finish(message.sync);
      port.post({ type: "finished", packs, bytesWritten: writer.bytesWritten });
      return;
    }
  } catch (error) {
    port.post({ type: "failed", error: toPlainError(error) });
  } finally {
    writer.close();
  }
}

/** Takes one file after the other until the input ends; yields where more is needed, and after each part of a large one. */
function* readFiles(
  reader: ContentReader,
  input: InputQueue,
  files: SentFile[],
  digests: Uint8Array[],
): Generator<void, void> {
  const onCut = () => new Error("A content thread was sent a part of a file");
  for (;;) {
    const file = files.shift();
    if (file === undefined) {
      if (input.isEnded) return;
      input.has(1);
      yield;
      continue;
    }
    const body = new EntryBody(input, file.storedBytes, onCut, file.sparse);
    if (body.sizeBytes <= wholeFileBytesMax) yield* body.whenWhole();
    const { content } = yield* reader.read(body, body.sizeBytes, body.isSparse);
    if (content.form === "empty") throw onCut();
    digests.push(content.digest);
  }
}

await xxh64Ready;
main();
