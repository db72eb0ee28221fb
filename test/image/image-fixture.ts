/** Directories captured, made into images and mounted. Whatever is mounted is unmounted when its test is over. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Disk } from "#dist/disk/disk.js";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { ChunkNumbers } from "#dist/image/chunk-numbers.js";
import { imageDevices } from "#dist/image/image-devices.js";
import type { ImageSource } from "#dist/image/image-source.js";
import { snapshotSource } from "#dist/image/snapshot-source.js";
import { type ImageOptions, type ImageReport, writeImage } from "#dist/image/write-image.js";
import { closeEngine, type Engine, openEngine } from "#dist/snapshot/engine.js";
import { findSnapshot } from "#dist/snapshot/find-snapshot.js";
import { Store } from "#dist/store.js";
import { systemCalls } from "#dist/system/system-calls.js";
import { expectedChunks, readRoot } from "#dist/tree/root.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";

/** The parts of a store that images are made of, and a directory to make them in. */
export interface ImageFixture {
  readonly scratch: string;
  readonly source: string;
  readonly engine: Engine;
}

/**
 * Captures a directory that a script makes.
 *
 * @param fill fills it, given its path
 */
export async function captured(
  fill: (directory: string) => Promise<unknown>,
): Promise<ImageFixture> {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  mkdirSync(source);
  await fill(source);
  await capture(scratch, source, SNAPSHOT);
  const engine = openEngine(join(scratch, "store"), false);
  onTestFinished(() => closeEngine(engine));
  return { scratch, source, engine };
}

const SNAPSHOT = "first";

/** Captures a directory into the scratch directory's store, under a name. */
export async function capture(scratch: string, source: string, name: string): Promise<void> {
  const store = await Store.open(join(scratch, "store"));
  try {
    await store.snapshot(source, { name, durability: "relaxed" });
  } finally {
    await store.close();
  }
}

/** Returns a filler that runs lines of bash in the directory. */
export function bash(lines: string): (directory: string) => Promise<unknown> {
  return (cwd) => run("bash", ["-euc", lines], { cwd });
}

/** Makes an image of a snapshot, the first one unless told. */
export async function imageOf(
  { engine, scratch }: ImageFixture,
  name: string,
  options: ImageOptions,
  disk: Disk = nodeDisk(scratch),
  snapshot = SNAPSHOT,
): Promise<ImageReport> {
  const row = findSnapshot(engine.catalog.snapshots, snapshot);
  const root = readRoot(engine.objects, row.digest);
  const index = new ChunkNumbers(engine.catalog, engine.chunks, expectedChunks(root));
  return writeImage(index, snapshotSource(index, root), disk, name, options);
}

/** Makes an image of any source. */
export function imageFrom(
  { engine, scratch }: ImageFixture,
  source: ImageSource,
  name: string,
  options: ImageOptions,
): Promise<ImageReport> {
  const index = new ChunkNumbers(engine.catalog, engine.chunks, 0);
  return writeImage(index, source, nodeDisk(scratch), name, options);
}

/** Mounts an image with the packs that it names, and returns where. */
export function mounted({ scratch, engine }: ImageFixture, name: string): string {
  const target = join(scratch, `${name}.mounted`);
  mkdirSync(target);
  const packs = imageDevices(nodeDisk(scratch), name).map((pack) =>
    join(engine.directory, "packs", `${pack}.pack`),
  );
  const system = calls();
  system.mountWith(
    "erofs",
    [["source", join(scratch, name)], ...packs.map((pack) => ["device", pack] as const)],
    target,
    1,
  );
  // Lazily, so that a test that fails with a file open leaves nothing mounted.
  onTestFinished(() => system.unmount(target, true));
  return target;
}

/** Returns the system calls, which a test that mounts has asked for. */
export function calls() {
  const system = systemCalls();
  if ("unavailable" in system) throw new Error(system.unavailable);
  return system;
}

/** Changes a byte of a file. */
export function flipByte(path: string, position: number, bytes: Buffer): void {
  const descriptor = openSync(path, "r+");
  try {
    writeSync(descriptor, Buffer.from([(bytes[0] as number) ^ 0xff]), 0, 1, position);
  } finally {
    closeSync(descriptor);
  }
}
