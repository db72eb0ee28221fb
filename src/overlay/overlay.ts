/**
 * Overlay: a writable view of a snapshot in memory, never on disk as a directory. It has no privileges and needs none.
 */

import type { Keep } from "../catalog/hold-table.js";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { checkLabels, checkName, checkWord } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import { explainSystemError } from "../model/system-failure.js";
import type { Change } from "../snapshot/diff.js";
import { diffRoots } from "../snapshot/diff.js";
import { Snapshot } from "../snapshot/snapshot.js";
import type { CapturedState, SnapshotOptions } from "../snapshot/snapshot-options.js";
import { inTurns } from "../threads/in-turns.js";
import { NewObjects } from "../tree/new-objects.js";
import { readRoot } from "../tree/root.js";
import { buildOverlay } from "./build-tree.js";
import { captureOverlay } from "./capture-overlay.js";
import { ContentSink } from "./content-sink.js";
import { OverlayFiles } from "./overlay-files.js";
import type { OverlayParts } from "./overlay-parts.js";
import { discarded, emptyState, type OverlayState, stateOf } from "./overlay-state.js";
import { OverlayTree } from "./overlay-tree.js";
import { SyncFiles } from "./sync-files.js";

/**
 * A file system in memory that starts as a snapshot, or empty, with the calls of node:fs/promises. `/` is its root; relative
 * paths start there, and nothing outside can be reached.
 *
 * Modes and owners are kept, and nobody is refused anything for them, as root is not. What is made belongs to the user that
 * the process runs as, with a umask of 0o022. Reading moves no access times.
 *
 * It lives in the process: what was not captured ends with it. All overlays of a store together keep in memory what they read
 * last: 16 MiB of small files, 12 MiB of directories as they are stored, which take some four times as much, and where 130,000
 * chunks lie, in 10 MiB.
 *
 * @example
 * const overlay = (await store.get("before")).overlay();
 * await overlay.writeFile("/src/a.ts", "export {};\n");
 * const attempt = overlay.fork();
 * await attempt.rm("/src", { recursive: true });
 * const { snapshot } = await overlay.snapshot({ name: "after" });
 */
export class Overlay extends OverlayFiles {
  readonly sync: SyncFiles;
  readonly #parts: OverlayParts;
  readonly #held: OverlayTree;
  #isDiscarded = false;
  /** The snapshot whose state it was in last; `undefined` before the first one of an overlay that began empty. */
  #head: Head | undefined;
  /** Counts what began that gives a head: what began earlier and ends later is not the last. */
  #begun = 0;
  #headFrom = 0;

  private constructor(parts: OverlayParts, tree: OverlayTree, head: Head | undefined) {
    super();
    this.#parts = parts;
    this.#held = tree;
    this.#head = head;
    this.sync = new SyncFiles({ ...parts.owner, tree });
  }

  /**
   * Returns an overlay of a snapshot, or an empty one.
   *
   * @internal
   */
  static of(parts: OverlayParts, base: SnapshotRow | undefined): Overlay {
    const { objects, owner, memory } = parts;
    const state = base === undefined ? emptyState({ mode: 0o755, ...owner }) : stored(parts, base);
    const head = base && headOf(parts, base);
    return new Overlay(parts, new OverlayTree(objects, state, memory), head);
  }

  /**
   * Returns an overlay of a root that is stored and no snapshot's.
   *
   * @param keep of that root
   * @internal
   */
  static ofRoot(parts: OverlayParts, root: Buffer, keep: Keep): Overlay {
    const { objects, memory } = parts;
    const state = stateOf(objects, readRoot(objects, root), keep);
    return new Overlay(parts, new OverlayTree(objects, state, memory), undefined);
  }

  /** The snapshot whose state it was in last: the one that it began as, was restored to, or was captured as. */
  get head(): Snapshot | undefined {
    this.#requireUsable();
    return this.#head === undefined
      ? undefined
      : new Snapshot(this.#head.row, this.#parts.engine());
  }

  /**
   * Returns an overlay that is the same now; later neither sees what is written to the other. Costs some microseconds,
   * whatever is in it. What is open stays with this one.
   */
  fork(): Overlay {
    this.#parts.engine();
    return new Overlay(this.#parts, this.#tree.fork(), this.#head);
  }

  /**
   * Captures the overlay as it stands, which may be written to meanwhile. The snapshot's digest is that of a capture of the same
   * files from a disk. Costs what was changed since the last snapshot. Those of several overlays that are asked for in one turn of
   * the event loop, by `Promise.all` for instance, are committed together, which takes less than one after the other.
   *
   * @throws {CoppiceError} NAME_TAKEN, DISK_FULL, STORE_BUSY, STORE_CLOSED, IO;
   * what is in the overlay stays
   */
  async snapshot(options: SnapshotOptions = {}): Promise<CapturedState> {
    const startedMs = performance.now();
    checkName(options.name);
    checkLabels(options.labels);
    checkWord("durability", options.durability, ["full", "relaxed"]);
    const engine = this.#parts.engine();
    const tree = this.#tree;
    const head = this.#head?.row;
    const begun = ++this.#begun;
    try {
      const captured = await captureOverlay(engine, this.#parts, tree, head, options);
      if (begun > this.#headFrom) this.#setHead(captured.row, begun);
      const { row, ...counts } = captured;
      return {
        snapshot: new Snapshot(row, engine),
        isUnchanged: head !== undefined && row.digest.equals(head.digest),
        ...counts,
        durationMs: performance.now() - startedMs,
      };
    } catch (error) {
      throw explainSystemError(error, "capture overlay");
    }
  }

  /**
   * Yields what changed since the last snapshot, or since the overlay began empty, sorted by path, without storing anything.
   *
   * @throws {CoppiceError} CORRUPT, STORE_CLOSED, IO
   */
  async *changes(): AsyncGenerator<Change> {
    const { objects } = this.#parts.engine();
    const nodes = new NewObjects(objects);
    const sinks = { objects: nodes, nodes, contents: ContentSink.ofNothing(objects) };
    const { root } = await inTurns(buildOverlay(this.#tree.seal(), sinks));
    nodes.putNode(root);
    const before = this.#head?.row.digest ?? (await this.#emptyRoot(nodes));
    yield* diffRoots(nodes, before, root.digest);
  }

  /**
   * Brings the overlay to a snapshot's state; what was changed in it since its last snapshot is lost. What is open keeps what
   * it has.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, CORRUPT, STORE_CLOSED
   */
  async restore(snapshot: Snapshot | string): Promise<void> {
    this.#reset(this.#parts.find(snapshot));
  }

  /** Brings the overlay back to its last snapshot, or to nothing where it began empty. See `restore`. */
  async rollback(): Promise<void> {
    this.#reset(this.#head?.row);
  }

  /**
   * Ends the overlay: closes what is open in it, and lets go of all that was written and not captured. Snapshots and forks
   * stay, and so does a snapshot of it that is under way. Whatever is asked of it afterwards fails with NOT_FOUND, but for
   * discarding it once more, which does nothing. Costs what was written to since it began.
   */
  async discard(): Promise<void> {
    if (this.#isDiscarded) return;
    this.sync.closeAll();
    this.#held.end();
    this.#isDiscarded = true;
  }

  /** Does what `discard` does, for `await using` where the language has it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.discard();
  }

  /** What is in it, unless it was discarded. */
  get #tree(): OverlayTree {
    this.#requireUsable();
    return this.#held;
  }

  #requireUsable(): void {
    if (this.#isDiscarded) throw discarded();
  }

  #reset(row: SnapshotRow | undefined): void {
    const parts = this.#parts;
    const state =
      row === undefined ? emptyState({ mode: 0o755, ...parts.owner }) : stored(parts, row);
    this.#tree.replaceState(state);
    this.#setHead(row, ++this.#begun);
  }

  #setHead(row: SnapshotRow | undefined, begun: number): void {
    this.#head = row && headOf(this.#parts, row);
    this.#headFrom = begun;
  }

  /** The root is what it is now: of one that was never captured, it is no change. */
  async #emptyRoot(nodes: NewObjects): Promise<Buffer> {
    const { mode, uid, gid, modified } = this.#tree.root;
    const state: OverlayState = emptyState({ mode, uid, gid }, modified);
    const contents = ContentSink.ofNothing(this.#parts.objects);
    const { root } = await inTurns(buildOverlay(state, { objects: nodes, nodes, contents }));
    nodes.putNode(root);
    return root.digest;
  }
}

/** A snapshot that an overlay goes back to, although it may have been removed. */
interface Head {
  readonly row: SnapshotRow;
  readonly keep: Keep;
}

function headOf({ kept }: OverlayParts, row: SnapshotRow): Head {
  return { row, keep: kept.root(row.digest) };
}

/** @throws {CoppiceError} NOT_FOUND where the snapshot was removed meanwhile */
function stored({ objects, kept, engine }: OverlayParts, row: SnapshotRow): OverlayState {
  kept.begin();
  const keep = kept.root(row.digest);
  if (!engine().catalog.chunks.has(row.digest))
    throw new CoppiceError("NOT_FOUND", `Cannot open snapshot ${row.id}: it was removed`);
  return stateOf(objects, readRoot(objects, row.digest), keep);
}
