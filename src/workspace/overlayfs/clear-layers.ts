/**
 * Clear layers: layers are caches, and go where what they show is gone.
 */

import { imageDevices } from "../../image/image-devices.js";
import type { Engine } from "../../snapshot/engine.js";
import { systemCalls } from "../../system/system-calls.js";
import { discardLater } from "../trash.js";
import { CheckoutLayers } from "./checkout-layers.js";
import { ImageLayers } from "./image-layers.js";
import { LowerLayers, shownRoot } from "./lower-layers.js";
import { hideUnusedImages } from "./overlayfs-driver.js";

/** What was cleared. */
export interface ClearedLayers {
  readonly count: number;
  /** What the images took on the disk. */
  readonly bytes: number;
}

/**
 * Removes the layers that show a root which is gone, and forgets the anchors that are.
 *
 * @param isThere whether a root of that digest is in the store
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export function clearLayers(engine: Engine, isThere: (root: Buffer) => boolean): ClearedLayers {
  hideUnusedImages(engine);
  const { catalog } = engine;
  let bytes = 0;
  let count = 0;
  catalog.workspaces.alone(() => {
    catalog.workspaces.forgetAnchors(isThere);
    const isGone = (layer: string) => !isThere(Buffer.from(shownRoot(layer), "hex"));
    count += checkouts(engine).putAway(isGone).length;
    const images = imagesOf(engine);
    const sizes = new Map(images?.kind.all().map((layer) => [layer, sizeOf(engine, layer)]));
    const gone = images?.layers.putAway(isGone) ?? [];
    count += gone.length;
    for (const layer of gone) bytes += sizes.get(layer) ?? 0;
  });
  if (count > 0) discardLater(engine);
  return { count, bytes };
}

/**
 * Removes the images whose files lie in a pack. To be called within a write transaction.
 *
 * @returns false where one of them is in use
 */
export function clearImagesOf(engine: Engine, pack: string): boolean {
  const { disk } = engine;
  const isOnPack = (layer: string) => imageDevices(disk, `images/${layer}`).includes(pack);
  imagesOf(engine)?.layers.putAway(isOnPack);
  return !disk.list("images").some((name) => !name.endsWith(".tmp") && isOnPack(name));
}

function imagesOf(engine: Engine) {
  const calls = systemCalls();
  if ("unavailable" in calls) return undefined;
  const kind = new ImageLayers(engine, calls);
  return { kind, layers: new LowerLayers(engine, kind, "overlayfs") };
}

function checkouts(engine: Engine): LowerLayers {
  return new LowerLayers(engine, new CheckoutLayers(engine), "overlayfs-checkout");
}

function sizeOf({ disk }: Pick<Engine, "disk">, layer: string): number {
  return disk.stampOf(`images/${layer}`)?.allocatedBytes ?? 0;
}
