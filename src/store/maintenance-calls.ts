/**
 * Maintenance calls: keeping a store small and sound. Thin: they forward to functions.
 */
import type { GcOptions } from "../maintain/collect/collect.js";
import type { GcReport } from "../maintain/collect/gc-report.js";
import { lazily } from "./lazily.js";
import { RetentionCalls } from "./retention-calls.js";

const withCollect = lazily(() => import("../maintain/collect/collect.js"));

/** The calls of a store that are about its upkeep, and those about what stays, workspaces and snapshots. */
export class MaintenanceCalls extends RetentionCalls {
  /**
   * Frees what nothing needs any more: chunks that no snapshot refers to, nor an overlay that is open, nor anything that is
   * being read; images and checkouts that no workspace stands on.
   *
   * Others may go on writing, reading and forking, in this process and elsewhere. It may be ended at any moment, by `signal` or
   * by a crash: what was freed stays freed, and nothing else is lost. It works on a disk that is full.
   *
   * Costs reading the trees of all snapshots, what they share once; a look at every chunk's row; and copying, where
   * too much of a pack is dead and its blocks cannot be freed in place.
   *
   * @throws {CoppiceError} STORE_BUSY where another session collects; CORRUPT where a tree is damaged, since what lies below it is
   * not known: nothing is removed then; ABORTED, DISK_FULL, IO
   * @example
   * await store.remove("before");
   * const { bytesFreed } = await store.gc();
   */
  async gc(options: GcOptions = {}): Promise<GcReport> {
    const engine = this.use();
    return this.track(withCollect(({ collect }) => collect(engine, options)));
  }
}
