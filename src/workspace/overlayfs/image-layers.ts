/**
 * Image layers: layers as EROFS images, each mounted once for all workspaces.
 *
 * Below the store: `images/<layer>` is the file, `mounts/<layer>` the directory on which it is mounted.
 */

import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { makeOwnDirectory } from "../../disk/own-files.js";
import type { ImageChange } from "../../image/change-source.js";
import { changeSource } from "../../image/change-source.js";
import { ChunkNumbers } from "../../image/chunk-numbers.js";
import { imageDevices } from "../../image/image-devices.js";
import type { ImageSource } from "../../image/image-source.js";
import { snapshotSource } from "../../image/snapshot-source.js";
import { writeImage } from "../../image/write-image.js";
import { packPath } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import { MOUNT_FLAGS } from "../../system/mounts.js";
import type { SystemCalls } from "../../system/system-calls.js";
import type { Root } from "../../tree/root.js";
import { expectedChunks } from "../../tree/root.js";
import type { LayerKind } from "./lower-layers.js";
import { isMountPoint } from "./mount-point.js";

export class ImageLayers implements LayerKind {
  readonly #engine: Engine;
  readonly #calls: SystemCalls;

  constructor(engine: Engine, calls: SystemCalls) {
    this.#engine = engine;
    this.#calls = calls;
  }

  has(layer: string): boolean {
    return existsSync(this.#file(layer));
  }

  async buildFull(layer: string, root: Root, signal: AbortSignal | undefined): Promise<void> {
    const { catalog, chunks } = this.#engine;
    const numbers = new ChunkNumbers(catalog, chunks, expectedChunks(root));
    await this.#write(layer, numbers, snapshotSource(numbers, root), signal);
  }

  async buildDelta(
    layer: string,
    changes: readonly ImageChange[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { catalog, chunks } = this.#engine;
    const numbers = new ChunkNumbers(catalog, chunks, 0);
    await this.#write(layer, numbers, changeSource(changes), signal);
  }

  show(layer: string): string {
    const { directory, disk } = this.#engine;
    const mount = this.#mount(layer);
    if (isMountPoint(mount)) return mount;
    makeOwnDirectory(mount);
    const devices = imageDevices(disk, `images/${layer}`);
    this.#calls.mountWith(
      "erofs",
      [
        ["source", this.#file(layer)],
        ...devices.map((name) => ["device", join(directory, packPath(name))] as const),
      ],
      mount,
      MOUNT_FLAGS.readOnly,
    );
    return mount;
  }

  shown(): string[] {
    const mounts = join(this.#engine.directory, "mounts");
    return existsSync(mounts) ? readdirSync(mounts) : [];
  }

  hide(layer: string): void {
    const mount = this.#mount(layer);
    if (isMountPoint(mount)) this.#calls.unmount(mount, true);
    if (existsSync(mount)) rmdirSync(mount);
  }

  all(): string[] {
    return this.#engine.disk.list("images").filter((name) => !name.endsWith(".tmp"));
  }

  place(layer: string): string {
    return `images/${layer}`;
  }

  async #write(
    layer: string,
    numbers: ChunkNumbers,
    source: ImageSource,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { disk } = this.#engine;
    disk.makeDirectory("images");
    const options = { data: "packs", isLayer: true, ...(signal && { signal }) } as const;
    await writeImage(numbers, source, disk, `images/${layer}`, options);
  }

  #file(layer: string): string {
    return join(this.#engine.directory, "images", layer);
  }

  #mount(layer: string): string {
    return join(this.#engine.directory, "mounts", layer);
  }
}
