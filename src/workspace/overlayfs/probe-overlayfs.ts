/**
 * Probe overlayfs: whether overlays can be mounted here, found by mounting one.
 */

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { makeOwnDirectory } from "../../disk/own-files.js";
import { ChunkNumbers } from "../../image/chunk-numbers.js";
import { writeImage } from "../../image/write-image.js";
import { NO_ATTRIBUTES } from "../../model/entry.js";
import type { Engine } from "../../snapshot/engine.js";
import { MOUNT_FLAGS } from "../../system/mounts.js";
import type { SystemCalls } from "../../system/system-calls.js";
import { PASSING } from "../driver.js";
import { OVERLAY_SOURCE, overlayOptions } from "./overlay-options.js";

/** Returns why images cannot be mounted as layers, with the remedy, or `undefined` where they can. */
export function imageProblem(engine: Engine, calls: SystemCalls): Promise<string | undefined> {
  return inProbeDirectory(engine, async (relative, directory) => {
    const numbers = new ChunkNumbers(engine.catalog, engine.chunks, 0);
    const image = `${relative}/image`;
    const source = {
      root: { attributes: { ...NO_ATTRIBUTES, mode: 0o700 }, isOpaque: false, items: () => [] },
    };
    await writeImage(numbers, source, engine.disk, image, { data: "packs", isLayer: true });
    const lower = join(directory, "lower");
    try {
      const file = join(engine.directory, image);
      calls.mountWith("erofs", [["source", file]], lower, MOUNT_FLAGS.readOnly);
    } catch (error) {
      return explainImage(error as NodeJS.ErrnoException);
    }
    try {
      return tryOverlay(calls, directory);
    } finally {
      calls.unmount(lower);
    }
  });
}

/** Returns why overlays cannot be mounted in the store, with the remedy, or `undefined` where they can. */
export function overlayProblem(engine: Engine, calls: SystemCalls): Promise<string | undefined> {
  return inProbeDirectory(engine, async (_, directory) => tryOverlay(calls, directory));
}

function tryOverlay(calls: SystemCalls, directory: string): string | undefined {
  const at = (name: (typeof NAMES)[number]): string => join(directory, name);
  const target = at("target");
  const options = overlayOptions([at("lower")], { upper: at("upper"), work: at("work") });
  try {
    calls.mount(OVERLAY_SOURCE, target, "overlay", 0, options);
  } catch (error) {
    return explainOverlay(error as NodeJS.ErrnoException);
  }
  calls.unmount(target);
  return undefined;
}

const NAMES = ["lower", "upper", "work", "target"] as const;

async function inProbeDirectory(
  engine: Engine,
  probe: (relative: string, directory: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const relative = `probes/${randomBytes(8).toString("hex")}`;
  const directory = join(engine.directory, relative);
  try {
    for (const name of NAMES) makeOwnDirectory(join(directory, name));
    return await probe(relative, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function explainImage(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EPERM":
      return NO_RIGHT;
    case "ENODEV":
      return "the kernel has no EROFS, load it (modprobe erofs)";
    case "ENOSYS":
    case "ENOTBLK":
    case "EINVAL":
      return `this kernel (${release()}) does not mount EROFS images straight from files (${error.message}), use Linux 6.12 or later with CONFIG_EROFS_FS_BACKED_BY_FILE`;
    default:
      return explainOther("mounting an EROFS image", error);
  }
}

function explainOverlay(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EPERM":
      return NO_RIGHT;
    case "ENODEV":
      return "the kernel has no overlayfs, load it (modprobe overlay)";
    case "EINVAL":
      return `the store's file system cannot hold what an overlay changes, or the kernel (${release()}) is older than 5.10 (${error.message}), put the store on ext4, XFS or btrfs`;
    default:
      return explainOther("mounting an overlay", error);
  }
}

/** A disk that is full, or too many open files, is told as that: it says nothing of the machine. */
function explainOther(action: string, error: NodeJS.ErrnoException): string {
  if (PASSING.has(error.code ?? "")) throw error;
  return `${action} failed (${error.message})`;
}

const NO_RIGHT =
  "this process may not mount (no CAP_SYS_ADMIN in the first user namespace), run it as root or give it that capability";
