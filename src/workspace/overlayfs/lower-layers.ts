/**
 * Lower layers: the read-only directories that an overlay shows a snapshot with, shared by all workspaces.
 *
 *     a full layer, which holds all of the snapshot, or
 *     a delta over the full layer of an anchor
 *
 * Depth never grows: a delta holds everything that is different from its anchor. Where that is much, a full layer
 * is built, and is the anchor from then on. Layers are caches: they are made when needed.
 */
import { renameSync } from "node:fs";
import { join } from "node:path";
import type { ImageChange } from "../../image/change-source.js";
import { layerChanges } from "../../image/layer-changes.js";
import type { Engine } from "../../snapshot/engine.js";
import { whileHeld } from "../../snapshot/while-held.js";
import type { Root } from "../../tree/root.js";
import { readRoot } from "../../tree/root.js";
import { trashPath } from "../trash.js";

/** Names in the trash are for people. */
const TRASH_NAME_CHARS = 16;
/** A delta of at most so many changes is always worth it, and beyond that one of a share of the anchor. */
const DELTA_CHANGES_MIN = 2_000;
const DELTA_SHARE_MAX = 1 / 8;

/** What layers are made of: images that are mounted, or directories. */
export interface LayerKind {
  has(layer: string): boolean;
  /** @throws {CoppiceError} CORRUPT, DISK_FULL, UNSUPPORTED, ABORTED; there is no layer then */
  buildFull(layer: string, root: Root, signal: AbortSignal | undefined): Promise<void>;
  /** As `buildFull`. */
  buildDelta(
    layer: string,
    changes: readonly ImageChange[],
    signal: AbortSignal | undefined,
  ): Promise<void>;
  /**
   * Returns the directory that shows a layer. To be called within a write transaction.
   *
   * @throws {NodeJS.ErrnoException}
   */
  show(layer: string): string;
  /** Returns the layers that are shown and take something while they are: mounts. */
  shown(): string[];
  /** Shows a layer no more, where it is shown: what uses it keeps it. Within a write transaction. */
  hide(layer: string): void;
  /** Returns all layers that are there. */
  all(): string[];
  /** Returns where a layer lies, relative to the store. */
  place(layer: string): string;
}

/** The layers of a snapshot. */
export interface Layers {
  /** The uppermost first. */
  readonly names: readonly string[];
  /** Digest of the root whose full layer is the lowest. */
  readonly anchor: Buffer;
}

export class LowerLayers {
  readonly #engine: Engine;
  readonly #kind: LayerKind;
  /** The driver whose workspaces lie on these. */
  readonly #driver: string;

  constructor(engine: Engine, kind: LayerKind, driver: string) {
    this.#engine = engine;
    this.#kind = kind;
    this.#driver = driver;
  }

  /**
   * Returns the layers of a root; builds those that are not there.
   *
   * @throws {CoppiceError} CORRUPT, DISK_FULL, UNSUPPORTED, ABORTED
   */
  async prepare(digest: Buffer, signal: AbortSignal | undefined): Promise<Layers> {
    const existing = this.#existing(digest);
    if (existing !== undefined) return existing;
    return whileHeld(this.#engine, digest, () => this.#build(digest, signal));
  }

  async #build(digest: Buffer, signal: AbortSignal | undefined): Promise<Layers> {
    const { catalog, objects } = this.#engine;
    const root = readRoot(objects, digest);
    const anchor = catalog.workspaces.anchorOf(digest);
    if (anchor !== undefined && this.#kind.has(fullName(anchor))) {
      const isBuilt = await whileHeld(this.#engine, anchor, async () => {
        // Its snapshot may have been removed, and it collected.
        if (!catalog.chunks.has(anchor)) return false;
        const below = readRoot(objects, anchor);
        const changes = layerChanges(objects, below, root);
        const max = Math.max(DELTA_CHANGES_MIN, below.entry.entryCount * DELTA_SHARE_MAX);
        if (changes.length > max) return false;
        await this.#kind.buildDelta(deltaName(digest, anchor), changes, signal);
        return true;
      });
      if (isBuilt) return { names: [deltaName(digest, anchor), fullName(anchor)], anchor };
    }
    await this.#kind.buildFull(fullName(digest), root, signal);
    return { names: [fullName(digest)], anchor: digest };
  }

  /** Returns the directories that show layers, the uppermost first. To be called within a write transaction. */
  show({ names }: Layers): string[] {
    return names.map((name) => this.#kind.show(name));
  }

  /**
   * Hides the delta of a snapshot unless a workspace stands on it. Deltas are small and many; a full layer stays
   * for the next fork until `hideUnused`. To be called within a write transaction.
   *
   * @param snapshot its id
   */
  leaveDelta(snapshot: string): void {
    const { catalog } = this.#engine;
    if (catalog.workspaces.hasBase(snapshot)) return;
    const root = catalog.snapshots.find(snapshot)?.digest;
    const anchor = root && catalog.workspaces.anchorOf(root);
    if (root !== undefined && anchor !== undefined) this.#kind.hide(deltaName(root, anchor));
  }

  /** Hides the layers that no workspace stands on. To be called within a write transaction. */
  hideUnused(): void {
    const shown = this.#kind.shown();
    if (shown.length === 0) return;
    const used = this.#used();
    for (const layer of shown) if (!used.has(layer)) this.#kind.hide(layer);
  }

  /**
   * Takes layers out of the store that no workspace stands on and that are not shown. To be called within a write
   * transaction.
   *
   * @param goes which of them
   * @returns them; they are in the trash now
   */
  putAway(goes: (layer: string) => boolean): string[] {
    const all = this.#kind.all();
    if (all.length === 0) return [];
    const kept = new Set([...this.#used(), ...this.#kind.shown()]);
    const gone = all.filter((layer) => !kept.has(layer) && goes(layer));
    for (const layer of gone) {
      const place = join(this.#engine.directory, this.#kind.place(layer));
      renameSync(place, trashPath(this.#engine, layer.slice(0, TRASH_NAME_CHARS)));
    }
    return gone;
  }

  /** The layers that workspaces stand on. */
  #used(): Set<string> {
    const { catalog } = this.#engine;
    return new Set(
      catalog.workspaces.all().flatMap(({ base, driver }) => {
        const row = driver === this.#driver ? catalog.snapshots.find(base) : undefined;
        return row === undefined ? [] : (this.#existing(row.digest)?.names ?? []);
      }),
    );
  }

  /** Returns the layers of a root where they are there. */
  #existing(digest: Buffer): Layers | undefined {
    if (this.#kind.has(fullName(digest))) return { names: [fullName(digest)], anchor: digest };
    const anchor = this.#engine.catalog.workspaces.anchorOf(digest);
    if (anchor === undefined) return undefined;
    const names = [deltaName(digest, anchor), fullName(anchor)];
    return names.every((name) => this.#kind.has(name)) ? { names, anchor } : undefined;
  }
}

/** Returns the hexadecimal digits of the root that a layer shows. */
export function shownRoot(layer: string): string {
  return layer.slice(0, 64);
}

function deltaName(digest: Buffer, anchor: Buffer): string {
  return `${digest.toString("hex")}-${anchor.toString("hex").slice(0, 16)}.delta`;
}

function fullName(digest: Buffer): string {
  return `${digest.toString("hex")}.full`;
}
