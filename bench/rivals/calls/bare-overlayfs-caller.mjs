/**
 * Two mount(2) calls, with the options that Coppice gives. The image is the one in the cache of a store that
 * make-bare-image.mjs made; each fork mounts it anew.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { imageDevices } from "#dist/image/image-devices.js";
import { packPath } from "#dist/pack/pack-codec.js";
import { MOUNT_FLAGS } from "#dist/system/mounts.js";
import { systemCalls } from "#dist/system/system-calls.js";

/**
 * @param {import("./caller.mjs").CallerPlace} place
 * @returns {Promise<import("./caller.mjs").Caller>}
 */
export async function bareOverlayfsCaller({ repository, directory }) {
  const calls = systemCalls();
  if ("unavailable" in calls) throw new Error(`Cannot mount: ${calls.unavailable}`);
  const [image] = readdirSync(join(repository, "images")).map((name) => `images/${name}`);
  if (image === undefined) throw new Error("Cannot mount: the store has no image");
  const imageOptions = imageDevices(nodeDisk(repository), image)
    .map((name) => `device=${join(repository, packPath(name))}`)
    .join(",");

  let upperCount = 0;
  /** @type {Map<string, { lower: string, upper: string, work: string }>} */
  const layers = new Map();
  /** @type {Set<string>} */
  const mounted = new Set();
  const makeUpper = () => {
    upperCount += 1;
    const upper = join(directory, `upper-${upperCount}`);
    const work = join(directory, `work-${upperCount}`);
    for (const path of [upper, work]) mkdirSync(path);
    return { upper, work };
  };
  const layerOf = (/** @type {string} */ target) => {
    const layer = layers.get(target);
    if (layer === undefined) throw new Error(`Nothing was made ready for ${target}`);
    return layer;
  };
  const mountOverlay = (/** @type {string} */ target) => {
    const { lower, upper, work } = layerOf(target);
    const places = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    const options = "volatile,xino=on,redirect_dir=on,metacopy=off,index=off";
    calls.mount("bare", target, "overlay", 0, `${places},${options}`);
    mounted.add(target);
  };
  const discard = (/** @type {string} */ target) => {
    for (const path of [target, layerOf(target).lower]) {
      if (mounted.has(path)) calls.unmount(path, true);
      mounted.delete(path);
    }
  };
  return {
    ready(target) {
      const lower = `${target}.lower`;
      for (const path of [target, lower]) mkdirSync(path);
      layers.set(target, { lower, ...makeUpper() });
    },
    fork(target) {
      const { lower } = layerOf(target);
      calls.mount(join(repository, image), lower, "erofs", MOUNT_FLAGS.readOnly, imageOptions);
      mounted.add(lower);
      mountOverlay(target);
    },
    readyToRollback(target) {
      layers.set(target, { lower: layerOf(target).lower, ...makeUpper() });
    },
    rollback(target) {
      calls.unmount(target);
      mounted.delete(target);
      mountOverlay(target);
    },
    discard,
    close() {
      for (const target of layers.keys()) discard(target);
    },
  };
}
