/**
 * Runs captures and takes, at every operation of the disk and around every transaction of the catalog, what
 * a crash there would leave.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FaultyDisk } from "./faulty-disk.js";
import type { DiskImage, FileImage, Survivors } from "./stable-storage.js";
import { StableStorage } from "./stable-storage.js";
import type { Acknowledged } from "./verify-store.js";

/** What is left of the store where everything stopped. */
export interface CrashImage {
  /** Where, in words. */
  readonly point: string;
  readonly variation: string;
  readonly files: FileImage;
  readonly directories: readonly string[];
  /** What was acknowledged by then and must be there. */
  readonly acknowledged: readonly Acknowledged[];
  /** What was acknowledged too, but with `relaxed` durability since the last `full` one: the power cut may have taken it. */
  readonly relaxed: readonly Acknowledged[];
  /** In which boot it is opened again. */
  readonly bootId: string;
}

/** The boots of the machine before and after a power cut. */
const BOOT = "before";
const NEXT_BOOT = "after";

/**
 * The variations of a power cut: of unsynced bytes and names nothing is left, or all of one and nothing of the other, or what came last and
 * nothing of what came before it, or some of each in any order.
 */
const powerCuts: readonly (Survivors & { readonly variation: string })[] = [
  { variation: "nothing unsynced left", names: "none", bytes: "none", blockBytes: 1 },
  { variation: "names without bytes", names: "all", bytes: "none", blockBytes: 1 },
  { variation: "bytes without names", names: "none", bytes: "all", blockBytes: 1 },
  { variation: "the last writes alone", names: "all", bytes: "last", blockBytes: 1 },
  { variation: "blocks of 512 bytes", names: "some", bytes: "some", blockBytes: 512 },
  { variation: "blocks of 4,096 bytes", names: "some", bytes: "some", blockBytes: 4_096 },
  { variation: "names, some blocks", names: "all", bytes: "some", blockBytes: 4_096 },
];

export class CrashPoints {
  readonly storage = new StableStorage();
  readonly acknowledged: Acknowledged[] = [];
  /** How many of these survive a power cut: up to the last that was captured with `full` durability. */
  durable = 0;
  /** The catalog as it was when the last of these was acknowledged: SQLite may lose all later commits. */
  #durableCatalog: ReadonlyMap<string, Buffer> | undefined;
  /** Those that differ in what they hold or must hold. */
  readonly images: CrashImage[] = [];
  /** Points that were passed. */
  points = 0;
  writes = 0;
  /** Images that were looked at, equal ones too. */
  looked = 0;
  /** Whether the power may go: not while it is known that unsynced captures were acknowledged. */
  mayLosePower = true;
  /** Whether what is recorded began with the image of a power cut. */
  isAfterPowerCut = false;
  readonly #store: string;
  readonly #seen = new Set<string>();
  #random = 1;

  constructor(store: string) {
    this.#store = store;
  }

  /** The seam to open an engine with. */
  readonly diskOf = (root: string): FaultyDisk => {
    const disk = new FaultyDisk(root, this.storage);
    disk.bootId = BOOT;
    disk.onOperation = ({ number, name, path, data }) => {
      const point = `${number}: ${name} ${path}`;
      this.pass(`before ${point}`);
      if (data === undefined) return;
      this.writes++;
      const files = this.storage.halfWritten(path, data.bytes, data.position);
      this.#take(`in ${point}`, "death of the process", this.#catalogFiles(), files);
    };
    return disk;
  };

  /** Takes in the packs of a store that is there. */
  adopt(): void {
    for (const directory of ["packs", "cache", "sessions"]) this.storage.adoptDirectory(directory);
    for (const name of readdirSync(join(this.#store, "packs"))) {
      const path = `packs/${name}`;
      this.storage.adopt(path, readFileSync(join(this.#store, path)));
    }
  }

  /** Notes a snapshot as acknowledged. */
  acknowledge(snapshot: Acknowledged, isDurable: boolean): void {
    this.acknowledged.push(snapshot);
    if (isDurable) {
      this.durable = this.acknowledged.length;
      this.#durableCatalog = this.#catalogFiles();
    }
    this.pass("acknowledged");
  }

  /** Notes that a snapshot is about to be removed: from now on it may be there or not. */
  forget(id: string): void {
    const index = this.acknowledged.findIndex((each) => each.id === id);
    if (index < 0) throw new Error(`Snapshot ${id} was not acknowledged`);
    this.acknowledged.splice(index, 1);
    if (index < this.durable) this.durable--;
  }

  /** Takes the images of a crash at this point. */
  pass(point: string): void {
    this.points++;
    const catalog = this.#catalogFiles();
    const written = this.storage.written();
    this.#take(point, "death of the process", catalog, written);
    if (!this.mayLosePower) return;
    const older = this.durable < this.acknowledged.length ? this.#durableCatalog : undefined;
    const cut = (variation: string, image: DiskImage) => {
      this.#take(point, `power cut, ${variation}`, catalog, image, NEXT_BOOT);
      if (older !== undefined)
        this.#take(point, `power cut, ${variation}, old catalog`, older, image, NEXT_BOOT);
    };
    cut("all had reached the disk", written);
    if (this.storage.isSynced) return;
    for (const { variation, ...survivors } of powerCuts)
      cut(
        variation,
        this.storage.surviving(survivors, (below) => this.#choose(below)),
      );
  }

  #take(point: string, variation: string, catalog: FileImage, image: DiskImage, boot = BOOT): void {
    this.looked++;
    const bootId = this.isAfterPowerCut ? NEXT_BOOT : boot;
    const durable = bootId !== BOOT ? this.durable : this.acknowledged.length;
    const files = new Map([...catalog, ...image.files]);
    const hashes = [...files].map(([path, bytes]) => `${path} ${hashOf(bytes)}`);
    const key = [
      bootId,
      ...image.directories.toSorted(),
      ...hashes,
      this.acknowledged.length,
    ].join();
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.images.push({
      point,
      variation,
      files,
      directories: image.directories,
      acknowledged: this.acknowledged.slice(0, durable),
      relaxed: this.acknowledged.slice(durable),
      bootId,
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

  /** xorshift32: the same choices in every run. */
  #choose(below: number): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 8) % below;
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
