/**
 * Merge calls: what snapshots have in common, and putting together what became of it. Thin: they forward to functions.
 */
import { Snapshot } from "../snapshot/snapshot.js";
import { SnapshotCalls } from "./snapshot-calls.js";

/** The calls of a store that are about merging, and those about snapshots. */
export class MergeCalls extends SnapshotCalls {
  /**
   * Returns the best snapshot that two others come from, or are: none that they have in common comes from it. Where there are
   * several, the newest; `undefined` where there is none.
   *
   * Costs a look at the catalog for each of their ancestors.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS
   */
  async commonAncestor(a: Snapshot | string, b: Snapshot | string): Promise<Snapshot | undefined> {
    const engine = this.use();
    const row = engine.catalog.snapshots.commonAncestor(this.rowOf(a).id, this.rowOf(b).id);
    return row === undefined ? undefined : new Snapshot(row, engine);
  }
}
