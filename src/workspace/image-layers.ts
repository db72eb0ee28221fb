/**
 * Image layers: the read-only layers that show a snapshot, as mounts of images that all workspaces share.
 *
 *     a full image, or
 *     a delta image over the full image of an anchor
 *
 * Depth never grows: a delta holds everything that is different from its anchor. Where that is much, a full
 * image is built, and is the anchor from then on. Images and mounts are caches: they are made when needed.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { changeSource } from "../image/change-source.js";
import { ChunkNumbers } from "../image/chunk-numbers.js";
import { imageDevices } from "../image/image-devices.js";
import type { ImageSource } from "../image/image-source.js";
import { layerChanges } from "../image/layer-changes.js";
import { expectedChunks, snapshotSource } from "../image/snapshot-source.js";
import { writeImage } from "../image/write-image.js";
import { packPath } from "../pack/pack-codec.js";
import type { Engine } from "../snapshot/engine.js";
import { MOUNT_FLAGS } from "../system/mounts.js";
import type { SystemCalls } from "../system/system-calls.js";
import { readRoot } from "../tree/root.js";

/** A delta of at most so many changes is always worth it, and beyond that one of a share of the anchor. */
const DELTA_CHANGES_MIN = 2_000;
const DELTA_SHARE_MAX = 1 / 8;

/** The layers of a snapshot. */
export interface Layers {
  /** Names of the images, the uppermost first. */
  readonly images: readonly string[];
  /** Digest of the root whose full image is the lowest. */
  readonly anchor: Buffer;
}

/**
 * Returns the layers of a root; builds the images that are not there.
 *
 * @throws {CoppiceError} CORRUPT, DISK_FULL, UNSUPPORTED, ABORTED
 */
export async function prepareLayers(
  engine: Engine,
  digest: Buffer,
  signal: AbortSignal | undefined,
): Promise<Layers> {
  const existing = existingLayers(engine, digest);
  if (existing !== undefined) return existing;
  const { catalog, chunks, objects } = engine;
  const root = readRoot(objects, digest);
  const anchor = catalog.workspaces.anchorOf(digest);
  if (anchor !== undefined && hasImage(engine, fullName(anchor))) {
    const below = readRoot(objects, anchor);
    const changes = layerChanges(objects, below, root);
    const max = Math.max(DELTA_CHANGES_MIN, below.entry.entryCount * DELTA_SHARE_MAX);
    if (changes.length <= max) {
      const numbers = new ChunkNumbers(catalog, chunks, 0);
      await build(engine, deltaName(digest, anchor), numbers, changeSource(changes), signal);
      return { images: [deltaName(digest, anchor), fullName(anchor)], anchor };
    }
  }
  const numbers = new ChunkNumbers(catalog, chunks, expectedChunks(root));
  await build(engine, fullName(digest), numbers, snapshotSource(numbers, root), signal);
  return { images: [fullName(digest)], anchor: digest };
}

/** Returns the layers of a root whose images are there. */
function existingLayers(engine: Engine, digest: Buffer): Layers | undefined {
  if (hasImage(engine, fullName(digest))) return { images: [fullName(digest)], anchor: digest };
  const anchor = engine.catalog.workspaces.anchorOf(digest);
  if (anchor === undefined) return undefined;
  const images = [deltaName(digest, anchor), fullName(anchor)];
  return images.every((image) => hasImage(engine, image)) ? { images, anchor } : undefined;
}

/**
 * Mounts what is not mounted, and returns the directories of the layers, the uppermost first. To be called
 * while no other process does so: within a write transaction.
 *
 * @throws {NodeJS.ErrnoException}
 */
export function mountLayers(engine: Engine, calls: SystemCalls, { images }: Layers): string[] {
  return images.map((image) => {
    const directory = join(engine.directory, "mounts", image);
    if (isMountPoint(directory)) return directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const devices = imageDevices(engine.disk, `images/${image}`);
    calls.mountWith(
      "erofs",
      [
        ["source", imagePath(engine, image)],
        ...devices.map((name) => ["device", join(engine.directory, packPath(name))] as const),
      ],
      directory,
      MOUNT_FLAGS.readOnly,
    );
    return directory;
  });
}

/**
 * Unmounts the images that no workspace stands on. What is still in use of them, by a workspace that was taken
 * away by force, stays until it is not.
 */
export function unmountUnused(engine: Engine, calls: SystemCalls): void {
  const { catalog, directory } = engine;
  const mounts = join(directory, "mounts");
  if (!existsSync(mounts)) return;
  catalog.workspaces.alone(() => {
    const used = new Set(
      catalog.workspaces.all().flatMap(({ base }) => {
        const row = catalog.snapshots.find(base);
        return row === undefined ? [] : (existingLayers(engine, row.digest)?.images ?? []);
      }),
    );
    for (const name of readdirSync(mounts)) {
      if (used.has(name)) continue;
      const mounted = join(mounts, name);
      if (isMountPoint(mounted)) calls.unmount(mounted, true);
      rmdirSync(mounted);
    }
  });
}

/**
 * Unmounts the delta of a snapshot unless a workspace stands on it. Deltas are small and many; a full image stays
 * mounted for the next fork until `unmountUnused`. To be called within a write transaction.
 *
 * @param snapshot its id
 */
export function leaveDelta(engine: Engine, calls: SystemCalls, snapshot: string): void {
  const { catalog, directory } = engine;
  if (catalog.workspaces.all().some(({ base }) => base === snapshot)) return;
  const root = catalog.snapshots.find(snapshot)?.digest;
  const anchor = root && catalog.workspaces.anchorOf(root);
  if (root === undefined || anchor === undefined) return;
  const mounted = join(directory, "mounts", deltaName(root, anchor));
  if (!isMountPoint(mounted)) return;
  calls.unmount(mounted, true);
  rmdirSync(mounted);
}

/** Whether something is mounted on a directory. */
export function isMountPoint(directory: string): boolean {
  const own = lstatSync(directory, { throwIfNoEntry: false });
  return own !== undefined && own.dev !== lstatSync(join(directory, "..")).dev;
}

async function build(
  engine: Engine,
  name: string,
  chunks: ChunkNumbers,
  source: ImageSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  engine.disk.makeDirectory("images");
  const options = { data: "packs", isLayer: true, ...(signal && { signal }) } as const;
  await writeImage(chunks, source, engine.disk, `images/${name}`, options);
}

function hasImage(engine: Engine, image: string): boolean {
  return existsSync(imagePath(engine, image));
}

function deltaName(digest: Buffer, anchor: Buffer): string {
  return `${digest.toString("hex")}-${anchor.toString("hex").slice(0, 16)}.delta`;
}

function fullName(digest: Buffer): string {
  return `${digest.toString("hex")}.full`;
}

function imagePath({ directory }: Pick<Engine, "directory">, image: string): string {
  return join(directory, "images", image);
}
