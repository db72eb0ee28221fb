/**
 * Capture upload: what is uploaded becomes snapshots.
 */
import type { Snapshot } from "../index.js";
import type { Captured } from "./captured.js";
import type { RegistryLimits } from "./registry-limits.js";
import { requireSize } from "./registry-limits.js";
import type { RegistryStore } from "./registry-store.js";
import type { UploadOptions } from "./upload-options.js";

/** @throws {CoppiceError} LIMIT_EXCEEDED, and as capturing does */
export async function captureUpload(
  store: RegistryStore,
  options: UploadOptions,
  limits: RegistryLimits,
  labels: Readonly<Record<string, string>>,
): Promise<Captured> {
  const { name, bundle, directory, snapshot } = options;
  const given = [bundle, directory, snapshot].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new TypeError(`Cannot upload ${name}: give one of bundle, directory and snapshot`);
  if (bundle !== undefined) {
    const { captureBundle } = await import("./capture-bundle.js");
    return captureBundle(store, bundle, options, limits, labels);
  }
  const taken =
    directory === undefined
      ? await takeSnapshot(store, snapshot as Snapshot | string, labels)
      : await captureDirectory(store, directory, options, labels);
  requireSize(name, taken.totalBytes, limits);
  return { snapshot: taken, bundle: undefined, digest: taken.digest, sizeBytes: undefined };
}

async function captureDirectory(
  store: RegistryStore,
  directory: string,
  { exclude, signal, onProgress }: UploadOptions,
  labels: Readonly<Record<string, string>>,
): Promise<Snapshot> {
  const { snapshot } = await store.snapshot(directory, {
    labels,
    ...(exclude !== undefined && { exclude }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  return snapshot;
}

async function takeSnapshot(
  store: RegistryStore,
  snapshot: Snapshot | string,
  labels: Readonly<Record<string, string>>,
): Promise<Snapshot> {
  const overlay = store.overlay(snapshot);
  try {
    return (await overlay.snapshot({ labels })).snapshot;
  } finally {
    await overlay.discard();
  }
}
