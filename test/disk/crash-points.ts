/**
 * Runs captures and takes, at every operation of the disk and around every transaction of the catalog, what
 * a crash there would leave.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FaultyDisk } from "./faulty-disk.js";
import type { FileImage } from "./stable-storage.js";
import { StableStorage } from "./stable-storage.js";
import type { Acknowledged } from "./verify-store.js";

/** What is left of the store where everything stopped. */
export interface CrashImage {
  /** Where, in words. */
  readonly point: string;
  readonly variation: string;
  readonly files: FileImage;
  readonly directories: readonly string[];
  /** What was acknowledged by then. */
  readonly acknowledged: readonly Acknowledged[];
}

/** The variations of a power cut: of unsynced bytes and names nothing is left, or some of each. */
const powerCuts = [
  { variation: "power cut, nothing unsynced left", blockBytes: undefined },
  { variation: "power cut, torn at 512 bytes", blockBytes: 512 },
  { variation: "power cut, torn at 4,096 bytes", blockBytes: 4_096 },
] as const;

export class CrashPoints {
  readonly storage = new StableStorage();
  readonly acknowledged: Acknowledged[] = [];
  /** Those that differ in what they hold or must hold. */
  readonly images: CrashImage[] = [];
  /** Points that were passed. */
  points = 0;
  writes = 0;
  /** Images that were looked at, equal ones too. */
  looked = 0;
  /** Whether the power may go: not while it is known that unsynced captures were acknowledged. */
  mayLosePower = true;
  readonly #store: string;
  readonly #seen = new Set<string>();
  #random = 1;

  constructor(store: string) {
    this.#store = store;
  }

  /** The seam to open an engine with. */
  readonly diskOf = (root: string): FaultyDisk => {
    const disk = new FaultyDisk(root, this.storage);
    disk.onOperation = ({ number, name, path, data }) => {
      const point = `${number}: ${name} ${path}`;
      this.pass(`before ${point}`);
      if (data === undefined) return;
      this.writes++;
      const files = this.storage.halfWritten(path, data.bytes, data.position);
      this.#take(
        `in ${point}`,
        "death of the process",
        new Map([...this.#catalogFiles(), ...files]),
      );
    };
    return disk;
  };

  /** Takes the images of a crash at this point. */
  pass(point: string): void {
    this.points++;
    const catalog = this.#catalogFiles();
    this.#take(point, "death of the process", new Map([...catalog, ...this.storage.written()]));
    if (!this.mayLosePower) return;
    for (const { variation, blockBytes } of powerCuts) {
      const files =
        blockBytes === undefined
          ? this.storage.synced()
          : this.storage.torn(blockBytes, () => this.#coin());
      this.#take(point, variation, new Map([...catalog, ...files]));
    }
  }

  #take(point: string, variation: string, files: FileImage): void {
    this.looked++;
    const directories = [...this.storage.directories];
    const hashes = [...files].map(([path, bytes]) => `${path} ${hashOf(bytes)}`);
    const key = [...directories, ...hashes, this.acknowledged.length].join();
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.images.push({
      point,
      variation,
      files,
      directories,
      acknowledged: [...this.acknowledged],
    });
  }

  /** SQLite keeps its own files safe; at these points no transaction is under way. */
  #catalogFiles(): Map<string, Buffer> {
    const files = new Map<string, Buffer>();
    for (const name of ["catalog.sqlite", "catalog.sqlite-wal"]) {
      const path = join(this.#store, name);
      if (existsSync(path)) files.set(name, readFileSync(path));
    }
    return files;
  }

  /** xorshift32: the same coins in every run. */
  #coin(): boolean {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random & 0x1000) === 0;
  }
}

const knownHashes = new WeakMap<Buffer, string>();

/** Buffers of images are shared and never change. */
function hashOf(bytes: Buffer): string {
  let hash = knownHashes.get(bytes);
  if (hash === undefined)
    knownHashes.set(bytes, (hash = createHash("sha256").update(bytes).digest("hex")));
  return hash;
}
