/**
 * Overlay calls: writable views in memory. Thin: they forward to functions.
 */

import type { ArchiveSource, UnpackOptions, UnpackReport } from "../archive/unpack-options.js";
import { KeptRoots } from "../overlay/kept-roots.js";
import { Overlay } from "../overlay/overlay.js";
import type { OverlayParts } from "../overlay/overlay-parts.js";
import { WrittenMemory } from "../overlay/written-memory.js";
import type { Engine } from "../snapshot/engine.js";
import type { Snapshot } from "../snapshot/snapshot.js";
import { StandingWriter } from "../snapshot/standing-writer.js";
import { cachedObjects } from "../tree/object-cache.js";
import { ArchiveCalls, withArchives } from "./archive-calls.js";

/** Permission bits that what is made in an overlay does not get: what most systems take. */
const UMASK = 0o022;

/** What unpacking an archive gives. */
export interface UnpackResult {
  /** What the archive has in it. */
  readonly overlay: Overlay;
  /** What was read, and what was left out. */
  readonly report: UnpackReport;
}

/** The calls of a store that are about overlays, and those about workspaces and snapshots. */
export class OverlayCalls extends ArchiveCalls {
  readonly #parts: OverlayParts;

  /** @internal */
  protected constructor(engine: Engine) {
    super(engine);
    const open = () => this.use();
    this.#parts = {
      engine: open,
      objects: cachedObjects(engine.objects),
      memory: new WrittenMemory(open),
      kept: new KeptRoots(open),
      writers: new StandingWriter(engine),
      owner: {
        uid: process.geteuid?.() ?? 0,
        gid: process.getegid?.() ?? 0,
        umask: UMASK,
      },
      find: (snapshot) => this.rowOf(snapshot),
    };
    engine.overlayOf = (row) => Overlay.of(this.#parts, row);
  }

  /** @internal */
  protected override async leave(engine: Engine): Promise<void> {
    this.#parts.writers.close();
    await super.leave(engine);
  }

  /**
   * Returns a writable view of a snapshot in memory, or an empty one: a file system with the calls of node:fs/promises that
   * forks in microseconds. It needs no privileges, and ends with the process.
   *
   * @param snapshot what it starts as. @default nothing is in it
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, CORRUPT
   * @example
   * const overlay = store.overlay("before");
   * const attempts = Array.from({ length: 1_000 }, () => overlay.fork());
   */
  overlay(snapshot?: Snapshot | string): Overlay {
    this.use();
    return Overlay.of(this.#parts, snapshot === undefined ? undefined : this.rowOf(snapshot));
  }

  /**
   * Takes a tar archive in as `import` does, and returns what is in it as an overlay, for a look or a change before there is a
   * snapshot of it. Nothing is registered, and a collection frees it once the overlay is discarded.
   *
   * @param source as for `import`
   * @throws {CoppiceError} as `import`; nothing is left then
   * @example
   * const { overlay } = await store.unpack(response.body);
   * await overlay.rm("/node_modules", { recursive: true, force: true });
   * const { snapshot } = await overlay.snapshot({ name: "upload" });
   */
  async unpack(source: ArchiveSource, options: UnpackOptions = {}): Promise<UnpackResult> {
    const engine = this.use();
    this.#parts.kept.begin();
    const unpacking = withArchives(({ unpackArchive }) => unpackArchive(engine, source, options));
    const { root, keep, report } = await this.track(unpacking);
    return { overlay: Overlay.ofRoot(this.#parts, root, keep), report };
  }
}
