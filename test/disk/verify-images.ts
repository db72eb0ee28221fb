/** Verifies what crashes left. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { removeTree } from "../support/scratch.js";
import type { CrashPoints } from "./crash-points.js";
import { memoryScratchDirectory } from "./memory-scratch.js";
import { verifyRecovery, verifyStore, writeImage } from "./verify-store.js";

/** One of so many images is restored from, too; of all others every chunk and tree is read. */
const RESTORED_SHARE = 8;

/**
 * Reopens every image and says all that is wrong.
 *
 * @param source a directory to capture into each
 * @param prepare called with the store's directory before it is looked at
 */
export async function verifyImages(
  { images, points, looked }: CrashPoints,
  source: string,
  prepare?: (store: string) => Promise<void>,
) {
  const problems: string[] = [];
  const relaxed = { lost: 0, kept: 0 };
  const scratch = memoryScratchDirectory();
  for (const [index, image] of images.entries()) {
    const { point, variation, directories, files, acknowledged, bootId } = image;
    const directory = join(scratch, String(index));
    mkdirSync(directory);
    const store = join(directory, "store");
    writeImage(store, directories, files);
    try {
      await prepare?.(store);
      const isLost = await verifyRecovery(store, image);
      for (const each of isLost) relaxed[each ? "lost" : "kept"]++;
      const restores = index % RESTORED_SHARE === 0;
      await verifyStore(store, acknowledged, directory, source, { bootId, restores });
      await removeTree(directory);
    } catch (error) {
      problems.push(`${index}, ${point}, ${variation}: ${String(error)}`);
    }
  }
  console.log(
    `${points} points, ${looked} images of crashes, ${images.length} different ones reopened; relaxed: ${JSON.stringify(relaxed)}`,
  );
  expect(problems).toEqual([]);
  return relaxed;
}
