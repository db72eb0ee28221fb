/**
 * Store: the handle on one directory on disk that holds snapshots. Thin: it forwards to functions.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Catalog } from "./catalog/catalog.js";
import { nodeDisk } from "./disk/node-disk.js";
import { CoppiceError } from "./model/error.js";
import { explainSystemError } from "./model/system-failure.js";
import { ChunkReader } from "./pack/chunk-reader.js";
import { capture } from "./snapshot/capture.js";
import type { CaptureOptions } from "./snapshot/capture.js";
import type { CaptureReport } from "./model/capture-report.js";
import { storedObjects } from "./snapshot/engine.js";
import type { Engine } from "./snapshot/engine.js";
import { Snapshot } from "./snapshot/snapshot.js";

/** How a store is opened. */
export interface StoreOptions {
  /**
   * Whether a directory that is missing or empty becomes a new store.
   * @default true
   */
  readonly create?: boolean;
}

const CATALOG_FILE = "catalog.sqlite";

export class Store {
  /** The store's directory, absolute, with symbolic links resolved. */
  readonly directory: string;
  readonly #engine: Engine;
  #isClosed = false;

  private constructor(engine: Engine) {
    this.#engine = engine;
    this.directory = engine.directory;
  }

  static async open(directory: string, options: StoreOptions = {}): Promise<Store> {
    const path = prepareDirectory(resolve(directory), options.create ?? true);
    const disk = nodeDisk(path);
    for (const each of ["packs", "cache", "sessions"]) disk.makeDirectory(each);
    const catalog = new Catalog(path, join(path, CATALOG_FILE));
    const chunks = new ChunkReader(disk, catalog);
    return new Store({ directory: path, disk, catalog, chunks, objects: storedObjects(catalog, chunks) });
  }

  async snapshot(directory: string, options: CaptureOptions = {}): Promise<{ snapshot: Snapshot; report: CaptureReport }> {
    const { row, report } = await capture(this.#use(), directory, options);
    return { snapshot: new Snapshot(row, this.#engine.objects), report };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#engine.chunks.close();
    this.#engine.catalog.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #use(): Engine {
    if (this.#isClosed) throw new CoppiceError("STORE_CLOSED", "Cannot use store: it is closed, open it again");
    return this.#engine;
  }
}

function prepareDirectory(path: string, create: boolean): string {
  try {
    if (!existsSync(path) && create) mkdirSync(path, { recursive: true, mode: 0o700 });
    const isStore = existsSync(join(path, CATALOG_FILE));
    if (!isStore && !create) {
      throw new CoppiceError("NOT_A_STORE", `Cannot open store ${path}: there is none, make one with "coppice init"`, { path });
    }
    if (!isStore && readdirSync(path).length > 0) {
      throw new CoppiceError("NOT_A_STORE", `Cannot make store ${path}: the directory has other content, give an empty one`, { path });
    }
    const owner = statSync(path).uid;
    const user = process.geteuid?.() ?? owner;
    if (owner !== user) {
      throw new CoppiceError("NOT_OWNER", `Cannot open store ${path}: it belongs to user ${owner}, this process runs as ${user}; run as that user`, { path });
    }
    return realpathSync(path);
  } catch (error) {
    throw explainSystemError(error, `open store ${path}`);
  }
}
