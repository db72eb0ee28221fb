/**
 * Captured: what an upload was captured as.
 */
import type { Snapshot } from "../index.js";
import type { Digest } from "../model/digest.js";

/** What an upload was captured as. */
export interface Captured {
  readonly snapshot: Snapshot;
  /** With the bundle's bytes. */
  readonly bundle: Snapshot | undefined;
  readonly digest: Digest;
  readonly sizeBytes: number | undefined;
}
