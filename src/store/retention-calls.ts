/**
 * Retention calls: which snapshots stay, and content that must not. Thin: they forward to functions.
 */
import type { EraseOptions } from "../maintain/erase/erase.js";
import type { EraseReport } from "../maintain/erase/erase-report.js";
import type { PruneOptions } from "../maintain/retention/prune.js";
import type { PruneReport } from "../maintain/retention/prune-report.js";
import { checkNote } from "../model/check-options.js";
import type { RetentionPolicy } from "../model/retention-policy.js";
import { checkRetentionPolicy } from "../model/retention-policy.js";
import type { TreePath } from "../model/tree-path.js";
import type { Engine } from "../snapshot/engine.js";
import type { Snapshot } from "../snapshot/snapshot.js";
import { lazily } from "./lazily.js";
import { WorkspaceCalls } from "./workspace-calls.js";

const withRoom = lazily(() => import("../maintain/retention/make-room.js"));
const withErase = lazily(() => import("../maintain/erase/erase-request.js"));
const withPrune = lazily(() => import("../maintain/retention/prune.js"));

/** What is erased, and how. */
export interface EraseRequest extends EraseOptions {
  /**
   * Paths relative to snapshots' roots; a directory with everything in it. Erased from every snapshot in which they stand, whatever directory
   * that is of. At least one path or digest is given.
   */
  readonly paths?: readonly TreePath[];
  /**
   * Digests of files' contents, which are erased wherever they stand: of the bytes, as `sha256sum` tells it, or as `stat` does. Of a file of more
   * than 64 KiB these differ: where a digest is none that `stat` would tell, all such files are read.
   */
  readonly digests?: readonly string[];
}

/** A snapshot that nothing removes. */
export interface Pin {
  /** Its id. */
  readonly snapshot: string;
  /** Why, for people. */
  readonly note?: string;
  /** Since when. */
  readonly pinnedAt: Date;
}

/** The calls of a store that are about what stays, and those about workspaces and snapshots. */
export class RetentionCalls extends WorkspaceCalls {
  /** @internal */
  protected constructor(engine: Engine) {
    super(engine);
    engine.makeRoom = (kept, signal) => withRoom(({ makeRoom }) => makeRoom(engine, kept, signal));
  }

  /**
   * Pins a snapshot: neither `remove` nor a policy removes it until it is unpinned. One that is pinned already gets the new note, or none.
   *
   * @param options `note`: why, for people; 1 to 255 characters
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, STORE_BUSY
   * @example
   * await store.pin("before", { note: "what the customer saw" });
   */
  async pin(snapshot: Snapshot | string, { note }: { readonly note?: string } = {}): Promise<void> {
    checkNote(note);
    const { catalog } = this.use();
    catalog.pins.put({ snapshot: this.rowOf(snapshot).id, note, pinnedMs: Date.now() });
  }

  /**
   * Unpins a snapshot.
   *
   * @returns whether it was pinned
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, STORE_BUSY
   */
  async unpin(snapshot: Snapshot | string): Promise<boolean> {
    const { catalog } = this.use();
    return catalog.pins.remove(this.rowOf(snapshot).id);
  }

  /** Returns what is pinned, the newest pin first. */
  async pins(): Promise<Pin[]> {
    return this.use()
      .catalog.pins.all()
      .map(({ snapshot, note, pinnedMs }) => ({
        snapshot,
        ...(note !== undefined && { note }),
        pinnedAt: new Date(pinnedMs),
      }));
  }

  /** Returns the store's retention policy; an empty one, where none was set. */
  retention(): Promise<RetentionPolicy>;
  /**
   * Sets the store's retention policy, in place of the one before; an empty one ends it. What it says of snapshots is done by `prune`.
   * `maxBytes` holds by itself: from the next snapshot on, of whatever kind, the store makes room once its packs hold more, and the
   * snapshot's report tells what went for it (`pruned`), or why it does not fit (`overLimit`). That costs a look at a number for each
   * snapshot that fits; where one does not, what `gc` costs, and once more where snapshots have to go: then so many that a sixteenth of
   * `maxBytes` is free.
   *
   * @returns the policy as it is now
   * @throws {RangeError} where a number is out of its range
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
   * @example
   * await store.retention({ maxBytes: 20e9, keepLast: 10, ttl: 90 * 86_400_000 });
   */
  retention(policy: RetentionPolicy): Promise<RetentionPolicy>;
  async retention(policy?: RetentionPolicy): Promise<RetentionPolicy> {
    const { retention } = this.use().catalog;
    if (policy !== undefined) retention.set(checkRetentionPolicy(policy));
    return retention.policy ?? {};
  }

  /**
   * Removes what a policy says goes, and frees what only that needed. Children of what goes are handed to its parents: they stay as they
   * are. What is pinned, or stood on by a workspace, stays. Costs what `gc` does; where `maxBytes` has snapshots go, twice and a look at all trees.
   *
   * @param policy @default the store's
   * @throws {CoppiceError} INVALID_ARGUMENT where there is no policy; STORE_BUSY where another session collects; ABORTED, CORRUPT,
   * DISK_FULL, IO: what went until then is gone, and pruning again goes on
   * @throws {RangeError} where a number is out of its range
   * @example
   * const { snapshots } = await store.prune({ keepLast: 7, keepWithin: 86_400_000 }, { dryRun: true });
   * for (const { id, stays, reason } of snapshots) console.log(id, stays ? "stays" : "goes", reason);
   */
  async prune(policy?: RetentionPolicy, options: PruneOptions = {}): Promise<PruneReport> {
    const engine = this.use();
    return this.track(withPrune(({ prune }) => prune(engine, policy, options)));
  }

  /**
   * Takes content out of every snapshot, pinned ones too, and its bytes out of the store, for good: a secret that was captured, say.
   * Snapshots keep their ids, names, labels, parents and times, and all that is not erased; they get another `digest`, and `erasedAt`.
   *
   * All that nothing needs is zeroed in the packs and read back; images, checkouts and stat caches that have it go. Chunks that other
   * files have too stay, and `standing` tells at which other paths the very same contents still stand. What stays of it: the digests of its chunks
   * in the packs' indexes. What this cannot reach: directories that were captured or restored, images that were written with `image`, copies
   * of the store, and the blocks that the file system takes back, which it may not overwrite.
   *
   * Costs a look at each snapshot, with digests at every name; then what `gc` does, and reading what is dead in all packs. It may be ended at any
   * moment, by `signal` or by a crash: before the first snapshot is changed nothing was, afterwards erasing the same again finishes it.
   *
   * @throws {CoppiceError} INVALID_ARGUMENT; IN_USE where a workspace stands on one of the snapshots, or overlays or readers may, naming them: nothing
   * was changed; STORE_BUSY where another session collects: erase again; CORRUPT where a tree is damaged; ABORTED, DISK_FULL, IO
   * @example
   * const { snapshots, remaining } = await store.erase({ paths: ["config/.env"] });
   * if (remaining.length > 0) console.warn(remaining);
   */
  async erase(request: EraseRequest): Promise<EraseReport> {
    const engine = this.use();
    return this.track(withErase(({ eraseRequested }) => eraseRequested(engine, request)));
  }
}
