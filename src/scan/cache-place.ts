/**
 * Cache place: where the stat cache of a directory lies, and for which mount it holds.
 *
 * A cache says that a file with the same device, inode, size and times is the same file. That is so where the
 * file system keeps the time of each change. Images do not: whoever made one chose all times that it shows. When
 * another image is mounted in the place of one, the kernel gives it the same device number, and files that were changed
 * may look as they did. So on such a file system a cache holds for one mount alone.
 */
import { createHash } from "node:crypto";
import { closeSync, constants, openSync, statfsSync } from "node:fs";
import { systemCalls } from "../system/system-calls.js";
import type { SystemPath } from "../system/system-path.js";

export interface CachePlace {
  /** The cache's file, relative to the store. */
  readonly path: string;
  /** The store's id. */
  readonly storeId: string;
  /** The mount that it holds for; 0 where it holds for any, `undefined` where no cache can be relied on. */
  readonly mount: bigint | undefined;
}

/** Returns where the cache of a directory lies. */
export function cachePlace(directory: SystemPath, storeId: string): CachePlace {
  return { path: statCachePath(directory), storeId, mount: mountOf(directory) };
}

/** Returns the cache's file for a directory, relative to the store. */
export function statCachePath(directory: SystemPath): string {
  return `cache/${createHash("sha256").update(directory).digest("hex").slice(0, 32)}.stat`;
}

/**
 * File systems that show times which somebody chose, or pass on such a one's, by their numbers (statfs(2),
 * linux/magic.h): overlayfs, EROFS, squashfs, ISO 9660, cramfs, FUSE.
 */
const WITH_CHOSEN_TIMES = new Set([
  0x794c7630, 0xe0f5e1e2, 0x73717368, 0x9660, 0x28cd3d45, 0x65735546,
]);

function mountOf(directory: SystemPath): bigint | undefined {
  // Node.js gives the number as the kernel's signed word on some machines.
  if (!WITH_CHOSEN_TIMES.has(statfsSync(directory).type >>> 0)) return 0n;
  const system = systemCalls();
  if ("unavailable" in system) return undefined;
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return system.readMountId(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
