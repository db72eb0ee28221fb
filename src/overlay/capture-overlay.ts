/**
 * Capture overlay: an overlay becomes a snapshot. What is written meanwhile is of the next one.
 */

import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { RoomMade } from "../model/room-made.js";
import type { Engine } from "../snapshot/engine.js";
import { unlessCollected } from "../snapshot/require-stored.js";
import { roomFor } from "../snapshot/room-for.js";
import type { SnapshotOptions } from "../snapshot/snapshot-options.js";
import type { SnapshotDraft, SnapshotWriter } from "../snapshot/snapshot-writer.js";
import { isNewSnapshot } from "../snapshot/snapshot-writer.js";
import { inTurns } from "../threads/in-turns.js";
import { cachedObjects } from "../tree/object-cache.js";
import type { BuiltOverlay } from "./build-tree.js";
import { buildOverlay } from "./build-tree.js";
import { ContentSink } from "./content-sink.js";
import type { OverlayParts } from "./overlay-parts.js";
import type { OverlayTree } from "./overlay-tree.js";

/** What was captured. */
export interface CapturedOverlay extends RoomMade {
  readonly row: SnapshotRow;
  readonly filesRead: number;
  readonly bytesRead: number;
  readonly bytesNew: number;
}

/**
 * Captures an overlay.
 *
 * @param head the snapshot whose state it was in last
 * @throws {CoppiceError} NAME_TAKEN, DISK_FULL, STORE_BUSY, IO
 */
export async function captureOverlay(
  engine: Engine,
  { writers, kept }: Pick<OverlayParts, "writers" | "kept">,
  tree: OverlayTree,
  head: SnapshotRow | undefined,
  { name, labels = {}, durability }: SnapshotOptions,
): Promise<CapturedOverlay> {
  kept.begin();
  const state = tree.seal();
  const objects = cachedObjects(engine.objects);
  const job = () => {
    let built: BuiltOverlay;
    let contents: ContentSink;
    let standing: SnapshotRow | undefined;
    return {
      async build(writer: SnapshotWriter) {
        contents = new ContentSink(objects, writer.known, writer.chunks);
        built = await inTurns(buildOverlay(state, { objects, nodes: writer, contents, writer }));
        contents.flush();
        standing = head && standingOf(engine, head);
        const isSame =
          standing !== undefined && !isNewSnapshot(standing, { name, labels }, built.root.digest);
        return isSame ? undefined : draftOf(built, standing, name, labels);
      },
      settle(written: { row: SnapshotRow; isOver: boolean } | undefined, bytesNew: number) {
        const { row, isOver } = written ?? { row: standing!, isOver: false };
        const keep = kept.root(row.digest);
        contents.settle(() => keep);
        // What was changed while it was stored is still touched, with all that is above it.
        if (tree.state === state) tree.settleState({ ...built.state, keep });
        const { filesRead, bytesRead } = contents;
        return { row, isOver, filesRead, bytesRead, bytesNew };
      },
    };
  };
  const { isOver, ...captured } = await unlessCollected(() => writers.make(durability, job()));
  return { ...captured, ...(await roomFor(engine, { row: captured.row, isOver })) };
}

function draftOf(
  { root, entry }: BuiltOverlay,
  head: SnapshotRow | undefined,
  name: string | undefined,
  labels: Readonly<Record<string, string>>,
): SnapshotDraft {
  return {
    root,
    parent: head?.id,
    name,
    labels,
    source: head?.source ?? "",
    filter: head?.filter ?? { exclude: [], gitignore: false },
    entryCount: entry.entryCount,
    totalBytes: entry.totalBytes,
  };
}

/** Returns a snapshot as it is now; `undefined` where it was removed: then what follows it has no parent. */
function standingOf({ catalog }: Engine, head: SnapshotRow): SnapshotRow | undefined {
  return catalog.snapshots.has(head.id) ? head : undefined;
}
