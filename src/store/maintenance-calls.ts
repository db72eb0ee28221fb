/**
 * Maintenance calls: keeping a store small and sound. Thin: they forward to functions.
 */
import type { GcOptions } from "../maintain/collect/collect.js";
import type { GcReport } from "../maintain/collect/gc-report.js";
import type { RepairOptions } from "../maintain/repair/repair.js";
import type { RepairReport } from "../maintain/repair/repair-report.js";
import type { VerifyOptions } from "../maintain/verify/verify.js";
import type { VerifyReport } from "../maintain/verify/verify-report.js";
import { lazily } from "./lazily.js";
import { RetentionCalls } from "./retention-calls.js";

const withRepair = lazily(() => import("../maintain/repair/repair-store.js"));
const withVerify = lazily(() => import("../maintain/verify/verify.js"));
const withCollect = lazily(() => import("../maintain/collect/collect.js"));

/** A snapshot that misses something. */
export interface DegradedSnapshot {
  /** Its id. */
  readonly id: string;
  /** How many of its paths cannot be relied on; a directory counts once, whatever was in it. */
  readonly paths: number;
}

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
   * Where a tree of a snapshot is damaged, what lies below it is not known, and `repair` may find it again: nothing goes as long as that snapshot
   * is there, and the report names it (`blockedBy`).
   *
   * @throws {CoppiceError} STORE_BUSY where another session collects; CORRUPT where a tree is damaged and an erasure is not finished; ABORTED,
   * DISK_FULL, IO
   * @example
   * await store.remove("before");
   * const { bytesFreed } = await store.gc();
   */
  async gc(options: GcOptions = {}): Promise<GcReport> {
    const engine = this.use();
    return this.track(withCollect(({ collect }) => collect(engine, options)));
  }

  /**
   * Looks whether the store is as it should be: that the trees of all snapshots can be read and all that they refer to is there;
   * that packs are made as they should be; and the bytes of all chunks, by their checksums, with `deep` by SHA-256 as well, which
   * nobody can forge. What is damaged, or cannot be read from the disk, is told with all the snapshots and paths that it is part of.
   *
   * Packs come in the order of their last check, the longest ago first, and what was done is noted: one that was ended goes on
   * from there, and with `sample` all of a store is looked at little by little. Who may not write to the store can verify it
   * without that. Others may go on writing and collecting meanwhile.
   *
   * Costs reading all packs once, in threads of its own, at about the speed of the disk or, with `deep`, of SHA-256.
   *
   * @throws {CoppiceError} CORRUPT where the catalog itself cannot be read; ABORTED, IO
   * @example
   * const { ok, affected } = await store.verify({ deep: true });
   * if (!ok) for (const { id, paths } of affected) console.log(id, paths.count);
   */
  async verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    const engine = this.use();
    return this.track(withVerify(({ verify }) => verify(engine, options)));
  }

  /**
   * Brings back what can be brought back: takes in chunks and snapshots that packs hold and the catalog does not list; forgets
   * chunks whose bytes are not there, so that a capture stores them again; and looks for what snapshots then miss in packs, in
   * workspaces, in directories that were captured or restored, and in those given. No snapshot is forgotten: what misses
   * something is noted as degraded. Files that are of no use go to `quarantine` in the store, and nothing is deleted.
   *
   * `Store.repair` does the same for a store that cannot be opened. Others may have this one open meanwhile. It may be ended at
   * any moment, and be done again.
   *
   * Costs SHA-256 of all that is stored, in threads; where something misses, also reading the files in those directories whose
   * sizes fit.
   *
   * @throws {CoppiceError} CORRUPT where the catalog itself is damaged: close the store and use `Store.repair`; STORE_BUSY,
   * ABORTED, DISK_FULL, IO
   * @example
   * const { degraded, recovered } = await store.repair({ from: ["/backup/project"] });
   */
  async repair(options: RepairOptions = {}): Promise<RepairReport> {
    const engine = this.use();
    return this.track(withRepair(({ repairOpen }) => repairOpen(engine, options)));
  }

  /**
   * The snapshots that miss something, as the last verification or repair found them: what they miss is read as `CORRUPT`, the rest
   * of them as ever.
   *
   * @throws {CoppiceError} STORE_CLOSED, CORRUPT, IO
   */
  get degraded(): DegradedSnapshot[] {
    const rows = this.use().catalog.checks.degraded();
    return rows.map(({ snapshot, paths }) => ({ id: snapshot, paths }));
  }
}
