/**
 * Upload options: what is uploaded, and what it is called.
 */
import type { ArchiveSource, Snapshot, UnpackOptions } from "../index.js";
import type { OnProgress } from "../model/options.js";
import type { AgentAuth } from "./agent-auth.js";
import type { AgentVersion, Entrypoint } from "./agent-version.js";

/** What is uploaded: one of these. */
export interface UploadSource {
  /**
   * A bundle: a tar archive, plain or compressed with gzip or zstd, as a file's path, its bytes, or what yields them. It is looked at
   * whole before any of it counts, as `Store.import` does, and kept byte by byte for `download`.
   */
  readonly bundle?: ArchiveSource;
  /** A directory, which is captured as it stands. */
  readonly directory?: string;
  /** What of the directory is left out, as `CaptureOptions.exclude`. */
  readonly exclude?: "secrets" | readonly string[];
  /** A snapshot: itself, or its id, name or digest. The version gets one of its own, whose parent this one is. */
  readonly snapshot?: Snapshot | string;
}

/** How an agent is uploaded. One of `bundle`, `directory` and `snapshot` is given; what an archive may have is as for `Store.import`. */
export interface UploadOptions
  extends UploadSource,
    Pick<UnpackOptions, "limits" | "devices" | "links" | "owner" | "caseCollisions"> {
  /** The agent's name: letters, digits and `. _ / -`, 128 at most. */
  readonly name: string;
  /** What is run: a line for the shell, or a program and its arguments. */
  readonly entrypoint: Entrypoint;
  /** What it runs on, for whoever launches it. */
  readonly runtime?: string;
  /** A tag that it gets beside `latest`; whichever version had it before loses it. */
  readonly tag?: string;
  /** Free words. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What it needs to be launched. */
  readonly auth?: AgentAuth;
  /** Ends the upload; nothing is left of it. */
  readonly signal?: AbortSignal;
  /** Called while a directory is captured, or a bundle read. */
  readonly onProgress?: OnProgress;
}

/** A version, and what went for it. */
export interface UploadedVersion extends AgentVersion {
  /** The versions that were deleted because of the registry's limits, oldest first. */
  readonly removed: readonly AgentVersion[];
}
