/**
 * Thread store: a worker thread's way into the store. It writes to packs of its own, and asks the calling thread which chunks are
 * new and which packs it may append to.
 */
import { nodeDisk } from "../disk/node-disk.js";
import { ChunkWriter } from "../pack/chunk-writer.js";
import type { AcquiredPack } from "../pack/pack-writer.js";
import type { BlockingPort } from "../threads/blocking-port.js";
import type { Posted } from "../threads/posted.js";
import { receivedBytes } from "../threads/posted.js";
import type { KnownChunks } from "./known-chunks.js";

/** What a thread asks. */
export type FromStoreThread =
  | { readonly type: "claim"; readonly digests: Uint8Array }
  | { readonly type: "acquire" };

/** What it is answered. */
export type ToStoreThread =
  | { readonly type: "claimed"; readonly verdict: Uint8Array }
  | { readonly type: "acquired"; readonly pack: AcquiredPack };

/** Where a store lies. */
export interface StorePlace {
  readonly directory: string;
  readonly storeId: string;
}

/** What the calling thread does for its threads. */
export interface StoreService {
  readonly known: KnownChunks;
  acquirePack(): AcquiredPack;
}

/** @typeParam In what the thread is told beside answers */
export class ThreadStore<In extends { readonly type: string }> implements KnownChunks {
  /** Where chunks that are new go; none without a store. */
  readonly writer: ChunkWriter | undefined;
  readonly #port: BlockingPort<In | ToStoreThread, FromStoreThread>;
  /** Messages that came while another was waited for. */
  readonly #waiting: { readonly type: string }[] = [];

  constructor(
    port: BlockingPort<In | ToStoreThread, FromStoreThread>,
    place: StorePlace | undefined,
  ) {
    this.#port = port;
    if (place === undefined) return;
    this.writer = new ChunkWriter(nodeDisk(place.directory), {
      storeId: place.storeId,
      acquirePack: () => {
        port.post({ type: "acquire" });
        return (this.#receive(["acquired"]) as Answer<"acquired">).pack;
      },
    });
  }

  claim(digests: Buffer): () => Uint8Array {
    this.#port.post({ type: "claim", digests }, [digests.buffer as ArrayBuffer]);
    return () => (this.#receive(["claimed"]) as Answer<"claimed">).verdict;
  }

  /** Returns the next message of some types; blocks the thread until there is one. */
  receive<Type extends In["type"]>(...types: Type[]): Extract<Posted<In>, { type: Type }> {
    return this.#receive(types) as Extract<Posted<In>, { type: Type }>;
  }

  #receive(types: readonly string[]): unknown {
    const index = this.#waiting.findIndex(({ type }) => types.includes(type));
    if (index >= 0) return this.#waiting.splice(index, 1)[0];
    for (;;) {
      const message = this.#port.receive() as { readonly type: string };
      if (types.includes(message.type)) return message;
      this.#waiting.push(message);
    }
  }
}

type Answer<Type> = Extract<Posted<ToStoreThread>, { type: Type }>;

/** Returns what a thread is answered. */
export function answerThread(
  message: Posted<FromStoreThread>,
  service: StoreService,
): ToStoreThread {
  if (message.type === "acquire") return { type: "acquired", pack: service.acquirePack() };
  const digests = receivedBytes(message.digests);
  return { type: "claimed", verdict: service.known.claim(digests)() };
}
