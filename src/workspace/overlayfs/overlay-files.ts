/**
 * Overlay files: a workspace as an overlay of the kernel's. What was changed is what its upper directory holds.
 *
 * Invariants:
 * (K1) The catalog's row and the mount are changed under one write transaction, and the row names the layer that is
 *      the workspace's: where a process is killed in the middle, the row still names the old one, which is still there.
 * (K3) What a scan found is relied on by later ones only once it is stored.
 */
import { randomBytes } from "node:crypto";
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../../catalog/workspace-table.js";
import { CoppiceError } from "../../model/error.js";
import { NO_SINK, NOTHING_NEW } from "../../scan/chunk-pipeline.js";
import type { Engine } from "../../snapshot/engine.js";
import { unlessCollected } from "../../snapshot/require-stored.js";
import { roomFor } from "../../snapshot/room-for.js";
import { isNewSnapshot, SnapshotWriter } from "../../snapshot/snapshot-writer.js";
import type { SystemCalls } from "../../system/system-calls.js";
import { inTurns } from "../../threads/in-turns.js";
import { NewObjects } from "../../tree/new-objects.js";
import { cachedObjects } from "../../tree/object-cache.js";
import { readRoot } from "../../tree/root.js";
import type { CapturedFiles, FilesCapture, FilesState, WorkspaceFiles } from "../driver.js";
import { discardLater, removeState } from "../trash.js";
import type { LowerLayers } from "./lower-layers.js";
import { mountAgain, mountFresh, putAwayLayers, unmountOverlay, upperOf } from "./overlay-mount.js";
import { tellsEachChange } from "./probe-times.js";
import { UpperScanner } from "./upper-scanner.js";

/** What a workspace lies on. */
interface Mounted {
  /** As in the catalog. */
  readonly layer: string;
  /** The root whose full layer is the lowest. */
  readonly anchor: Buffer;
  readonly scanner: UpperScanner;
}

const FIRST_LAYER = "first";

function newLayer(): string {
  return randomBytes(4).toString("hex");
}

export class OverlayFiles implements WorkspaceFiles {
  readonly #engine: Engine;
  readonly #calls: SystemCalls;
  readonly #layers: LowerLayers;
  readonly #workspace: Pick<WorkspaceRow, "id" | "path">;
  #mounted: Mounted | undefined;

  constructor(
    engine: Engine,
    calls: SystemCalls,
    layers: LowerLayers,
    workspace: Pick<WorkspaceRow, "id" | "path">,
  ) {
    this.#engine = engine;
    this.#calls = calls;
    this.#layers = layers;
    this.#workspace = workspace;
  }

  async reset(
    wanted: WorkspaceRow,
    state: SnapshotRow,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { workspaces } = this.#engine.catalog;
    const layers = await this.#layers.prepare(state.digest, signal);
    // A new one has no layer yet.
    const before = wanted.layer === "" ? undefined : workspaces.find(wanted.id);
    const row = { ...wanted, layer: before === undefined ? FIRST_LAYER : newLayer() };
    try {
      workspaces.put(row, () => {
        const lower = this.#layers.show(layers);
        mountFresh(this.#engine, this.#calls, row, state.digest, lower);
        if (before !== undefined && before.base !== state.id) this.#layers.leaveDelta(before.base);
      });
    } catch (error) {
      if (before !== undefined) await this.#showAgain(before);
      throw error;
    }
    if (before !== undefined) {
      putAwayLayers(this.#engine, row);
      discardLater(this.#engine);
    }
    this.#note(row, state, layers.anchor);
  }

  async resume(row: WorkspaceRow, base: SnapshotRow, accepts: boolean): Promise<void> {
    const { catalog, disk } = this.#engine;
    const layers = await this.#layers.prepare(base.digest, undefined);
    const isOfThisBoot = disk.bootId !== undefined && disk.bootId === row.bootId;
    catalog.workspaces.put({ ...row, bootId: disk.bootId }, () => {
      const lower = this.#layers.show(layers);
      mountAgain(this.#engine, this.#calls, row, lower, accepts || isOfThisBoot);
    });
    this.#note(row, base, layers.anchor);
  }

  async capture(capture: FilesCapture): Promise<CapturedFiles> {
    const { isOver, ...captured } = await unlessCollected(() => this.#captureOnce(capture));
    return { ...captured, ...(await roomFor(this.#engine, { row: captured.row, isOver })) };
  }

  async #captureOnce({ head, durability, ...own }: FilesCapture) {
    const { anchor, scanner } = await this.#current();
    const writer = new SnapshotWriter(this.#engine, durability);
    try {
      const scan = scanner.scan({
        objects: cachedObjects(this.#engine.objects),
        known: writer.known,
        sink: writer.chunks,
        nodes: writer,
      });
      const found = await inTurns(scan);
      const { filesRead, bytesRead, root } = found;
      let row = head;
      let isOver = false;
      if (isNewSnapshot(head, own, root.digest)) {
        ({ row, isOver } = writer.commit({
          ...own,
          root,
          parent: head.id,
          source: this.#workspace.path,
          filter: { exclude: [], gitignore: false },
          entryCount: found.entryCount,
          totalBytes: found.totalBytes,
          workspace: { id: this.#workspace.id, anchor },
        }));
      }
      scanner.keep(found);
      return { row, isOver, filesRead, bytesRead, bytesNew: writer.chunks.bytesWritten };
    } finally {
      writer.close();
    }
  }

  async look(): Promise<FilesState> {
    const objects = new NewObjects(this.#engine.objects);
    const { scanner } = await this.#current();
    const scan = scanner.scan({ objects, known: NOTHING_NEW, sink: NO_SINK, nodes: objects });
    const { root } = await inTurns(scan);
    objects.putNode(root);
    return { objects, digest: root.digest };
  }

  async remove(row: WorkspaceRow, isForced: boolean): Promise<void> {
    this.#engine.catalog.workspaces.remove(row, () => {
      unmountOverlay(this.#calls, row, isForced);
      this.#layers.leaveDelta(row.base);
    });
    removeState(this.#engine, row);
    discardLater(this.#engine);
  }

  /** Mounts it as it was: what was to take its place did not come to be. */
  async #showAgain(row: WorkspaceRow): Promise<void> {
    const base = this.#engine.catalog.snapshots.find(row.base);
    try {
      if (base !== undefined) await this.resume(row, base, true);
    } catch {
      // The error that is on its way says what went wrong; attaching it tells this one.
    }
  }

  /** Returns what it lies on; another process may have restored it to something else. */
  async #current(): Promise<Mounted> {
    const { catalog } = this.#engine;
    const row = catalog.workspaces.find(this.#workspace.id);
    if (this.#mounted !== undefined && this.#mounted.layer === row?.layer) return this.#mounted;
    const base = row && catalog.snapshots.find(row.base);
    if (row === undefined || base === undefined)
      throw new CoppiceError(
        "NOT_FOUND",
        `Cannot use workspace ${this.#workspace.path}: it was discarded, fork another one`,
      );
    const { anchor } = await this.#layers.prepare(base.digest, undefined);
    return this.#note(row, base, anchor);
  }

  #note(row: WorkspaceRow, base: SnapshotRow, anchor: Buffer): Mounted {
    const scanner = new UpperScanner({
      path: upperOf(this.#engine, row),
      base: readRoot(cachedObjects(this.#engine.objects), base.digest),
      tellsEachChange: () => tellsEachChange(this.#engine),
      omit: row.omit,
    });
    this.#mounted = { layer: row.layer, anchor, scanner };
    return this.#mounted;
  }
}
