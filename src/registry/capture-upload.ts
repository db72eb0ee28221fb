/**
 * Capture upload: what is uploaded becomes snapshots.
 */
import type { Snapshot } from "../index.js";
import type { Digest } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import type { RegistryLimits } from "./registry-limits.js";
import type { RegistryStore } from "./registry-store.js";
import type { UploadOptions } from "./upload-options.js";

/** What an upload was captured as. */
export interface Captured {
  readonly snapshot: Snapshot;
  /** With the bundle's bytes. */
  readonly bundle: Snapshot | undefined;
  readonly digest: Digest;
  readonly sizeBytes: number | undefined;
}

/** @throws {CoppiceError} LIMIT_EXCEEDED, and as capturing does */
export async function captureUpload(
  store: RegistryStore,
  options: UploadOptions,
  limits: RegistryLimits,
  labels: Readonly<Record<string, string>>,
): Promise<Captured> {
  const { name, directory, snapshot } = options;
  if ((directory === undefined) === (snapshot === undefined))
    throw new TypeError(`Cannot upload ${name}: give one of directory and snapshot`);
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

function requireSize(name: string, sizeBytes: number, { maxSizeBytes }: RegistryLimits): void {
  if (maxSizeBytes === undefined || sizeBytes <= maxSizeBytes) return;
  throw new CoppiceError(
    "LIMIT_EXCEEDED",
    `Cannot upload ${name}: it has ${sizeBytes} bytes, and the registry takes ${maxSizeBytes}; leave something out, or set other limits`,
  );
}
