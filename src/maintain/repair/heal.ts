/**
 * Heal: looks for lost chunks in directories, by reading the files that could hold them as a capture would.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync } from "node:fs";
import type { SnapshotFilter } from "../../catalog/snapshot-table.js";
import type { DigestSet } from "../../hash/digest-set.js";
import { CHUNK_KINDS, type ChunkKind } from "../../pack/chunk-location.js";
import type { ChunkSink } from "../../scan/chunk-pipeline.js";
import { ContentReader } from "../../scan/content-reader.js";
import { ClaimedChunks } from "../../scan/known-chunks.js";
import { runScan } from "../../scan/run-scan.js";
import { NO_CACHE } from "../../scan/stat-cache.js";
import type { Engine } from "../../snapshot/engine.js";
import { openSource, rootOf } from "../../snapshot/source.js";

/** What is looked for. */
export interface Wanted {
  readonly digests: DigestSet;
  /** The sizes of the files that they are part of. */
  readonly sizes: ReadonlySet<number>;
  /** What was left out of the snapshots of which directories miss; none where none does. */
  readonly filters: readonly SnapshotFilter[];
}

/** `st_blocks` counts these (inode(7)). */
const STAT_BLOCK_BYTES = 512;

/** Finds chunks; each is handed to the sink once. */
export class Healer {
  readonly #engine: Engine;
  readonly #wanted: Wanted;
  readonly #known: ClaimedChunks;
  readonly #sink: ChunkSink;
  readonly #onFile: (files: number, missing: number) => void;
  readonly #check: () => void;
  #files = 0;
  #found = 0;

  constructor(
    engine: Engine,
    wanted: Wanted,
    sink: ChunkSink,
    onFile: (files: number, missing: number) => void,
    check: () => void,
  ) {
    this.#engine = engine;
    this.#wanted = wanted;
    this.#onFile = onFile;
    this.#check = check;
    this.#known = new ClaimedChunks((digest) => !wanted.digests.has(digest));
    this.#sink = {
      append: (bytes, digest, kind, place) => {
        sink.append(bytes, digest, kind, place);
        this.#found++;
      },
    };
  }

  /** How many chunks were found. */
  get found(): number {
    return this.#found;
  }

  get #isDone(): boolean {
    return this.#found >= this.#wanted.digests.size;
  }

  /** Takes a chunk that was found otherwise, if it is wanted. */
  offer(bytes: Buffer, digest: Buffer, kind: ChunkKind): void {
    if (this.#known.claim(digest)()[0] === 1) this.#sink.append(bytes, digest, kind);
  }

  /** Looks through the files below a directory whose sizes fit; then, where directories miss, scans it as captures did. */
  async search(directory: string): Promise<void> {
    await this.#searchFiles(directory);
    for (const filter of this.#wanted.filters) {
      if (this.#isDone) return;
      await this.#scan(directory, filter);
    }
  }

  async #searchFiles(directory: string): Promise<void> {
    const reader = new ContentReader(this.#known, this.#sink);
    const pending: Buffer[] = [Buffer.from(directory)];
    const own = Buffer.from(this.#engine.directory);
    for (let path = pending.pop(); path !== undefined && !this.#isDone; path = pending.pop()) {
      if (path.equals(own)) continue;
      for (const entry of entriesOf(path)) {
        const child = Buffer.concat([path, SLASH, entry.name]);
        if (entry.isDirectory()) pending.push(child);
        else if (entry.isFile()) await this.#readFile(reader, child);
      }
      this.#check();
      await new Promise(setImmediate);
    }
    reader.flush();
  }

  async #readFile(reader: ContentReader, path: Buffer): Promise<void> {
    let descriptor: number;
    try {
      if (!this.#wanted.sizes.has(lstatSync(path).size)) return;
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch {
      return; // It cannot be read, or went: another one may do.
    }
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) return;
      const isSparse = stat.blocks * STAT_BLOCK_BYTES < stat.size;
      const reading = reader.read(descriptor, stat.size, isSparse);
      while (reading.next().done !== true) {
        this.#check();
        await new Promise(setImmediate);
      }
      reader.flush();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EIO") throw error;
    } finally {
      closeSync(descriptor);
    }
    this.#onFile(++this.#files, this.#wanted.digests.size - this.#found);
  }

  async #scan(directory: string, filter: SnapshotFilter): Promise<void> {
    const engine = this.#engine;
    const source = openSource(engine, directory);
    const { scan } = await runScan({
      settings: {
        root: source.path,
        exclude: [...filter.exclude],
        gitignore: filter.gitignore,
        onUnreadable: "skip",
        omit: source.omit,
        omitPaths: source.omitPaths,
        cache: NO_CACHE.memory,
      },
      root: source.identity,
      rootBlock: NO_CACHE.rootBlock,
      store: { directory: engine.directory, storeId: engine.catalog.storeId },
      service: {
        known: this.#known,
        acquirePack: () => {
          throw new Error("All is read in the calling thread");
        },
      },
      sink: this.#sink,
      nodes: { putNode: (node) => this.offer(node.bytes, node.digest, CHUNK_KINDS.tree) },
      workers: 0,
      sync: false,
      onProgress: () => {
        this.#check();
        this.#onFile(++this.#files, this.#wanted.digests.size - this.#found);
      },
    });
    const root = rootOf(source, scan);
    this.offer(root.bytes, root.digest, CHUNK_KINDS.root);
  }
}

/** Returns what is in a directory; nothing where it cannot be read, or went. */
function entriesOf(path: Buffer) {
  try {
    return readdirSync(path, { withFileTypes: true, encoding: "buffer" });
  } catch {
    return [];
  }
}

const SLASH = Buffer.from("/");
