/**
 * Snapshot writer: what every way of making a snapshot ends in.
 *
 *     chunks and trees in packs -> record in a pack -> sync -> commit
 *
 * Invariants:
 * (W1) Nothing exists before the commit, and everything does after it. What was written for a snapshot
 *      that did not come to be is cut off: by `close`, or where the process died by whoever appends next.
 * (W2) With `full` durability everything that the snapshot refers to is on stable storage before the commit.
 */
import type { AddedSnapshot, Addition, KnownDirectory, OwnedPack } from "../catalog/addition.js";
import { RemovalsMoved } from "../catalog/addition.js";
import type { Hold } from "../catalog/hold-table.js";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { sha256 } from "../hash/sha256.js";
import { CoppiceError } from "../model/error.js";
import { newId } from "../model/new-id.js";
import type { Durability } from "../model/options.js";
import type { ChunkKind } from "../pack/chunk-location.js";
import { CHUNK_KINDS } from "../pack/chunk-location.js";
import { CHUNK_ROW_BYTES } from "../pack/chunk-table.js";
import type { ChunkWriter, WrittenPack } from "../pack/chunk-writer.js";
import { ClaimedChunks } from "../scan/known-chunks.js";
import type { EncodedNode } from "../tree/node-codec.js";
import type { ReachableRoot } from "../tree/reachable-chunks.js";
import type { NodeSink } from "../tree/tree-builder.js";
import { Commitment } from "./commitment.js";
import type { Engine } from "./engine.js";
import { encodeSnapshotRecord } from "./record-codec.js";
import { requireStored } from "./require-stored.js";
import { syncOthers } from "./sync-others.js";
import type { WriterBase } from "./writer-base.js";
import { writerBase } from "./writer-base.js";

/** What a snapshot consists of, beside the chunks that were put. */
export type SnapshotDraft = Pick<
  SnapshotRow,
  "parent" | "name" | "labels" | "source" | "filter" | "entryCount" | "totalBytes"
> & {
  readonly root: EncodedNode;
  /** The parents of a merge beside `parent`. */
  readonly mergeParents?: readonly string[];
  /** What threads wrote into packs of their own. */
  readonly packs?: readonly WrittenPack[];
  /** A directory that has the snapshot's state, to be known again. */
  readonly directory?: KnownDirectory;
  /** A workspace that is in the snapshot's state. */
  readonly workspace?: AddedSnapshot["workspace"];
};

/** A content that no snapshot refers to, or a root with all that is below it. */
export type SpilledHold = Hold & { readonly role: "root" | "list" | "data" };

/** A snapshot that exists. */
export interface WrittenSnapshot {
  readonly row: SnapshotRow;
  /** Bytes by which the packs grew, with padding and index records. */
  readonly bytesStored: number;
  /** Whether the packs hold more than they may: see `roomFor`. */
  readonly isOver: boolean;
}

/** Snapshots that exist since one commit. */
export type WrittenTogether = Omit<WrittenSnapshot, "row"> & {
  /** As their drafts, with the bytes of their roots and records that are new. */
  readonly snapshots: readonly { readonly row: SnapshotRow; readonly bytesOwn: number }[];
};

/** A snapshot, and what it becomes. */
export type Replacement = Pick<SnapshotRow, "entryCount" | "totalBytes" | "erasedMs"> & {
  readonly before: SnapshotRow;
  readonly root: EncodedNode;
};

/** What a writer works with. */
type SnapshotEngine = Pick<Engine, "catalog" | "disk" | "objects" | "chunks">;

export class SnapshotWriter implements NodeSink {
  readonly storeId: string;
  /** Decides for all threads what is new. */
  readonly known: ClaimedChunks;
  /** Where the calling thread puts chunks that are new. */
  readonly chunks: ChunkWriter;
  /** What was asked for, or more: in a damaged store nothing is `relaxed`. */
  readonly durability: Durability;
  /** What people should know of the store. */
  readonly remarks: readonly string[];
  readonly #engine: SnapshotEngine;
  readonly #base: WriterBase;
  readonly #isStanding: boolean;
  readonly #bytesBefore: number;
  /** How often chunks had been removed when it was looked at last whether all is there that is taken for known. */
  #removals: number;
  readonly #commitment: Commitment;

  /**
   * @param standing what the writer before this one left; it keeps its packs then
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
   */
  constructor(engine: SnapshotEngine, durability: Durability = "full", standing?: WriterBase) {
    this.#engine = engine;
    this.#isStanding = standing !== undefined;
    this.#base = standing ?? writerBase(engine);
    this.#commitment = new Commitment(engine, this.#base);
    const { storeId, damaged, remarks, chunks, written, isStored, removals } = this.#base;
    this.#removals = removals;
    this.storeId = storeId;
    this.remarks = remarks;
    // What takes the place of what older snapshots have lost must not be lost with a `relaxed` one.
    this.durability = damaged.readableBytes.size > 0 ? "full" : durability;
    this.known = new ClaimedChunks(
      written.size === 0
        ? isStored
        : (digest) => written.has(digest) || isStored?.(digest) === true,
    );
    this.chunks = chunks;
    this.#bytesBefore = chunks.bytesWritten;
  }

  /** Bytes of chunks that were put and are new. */
  get bytesNew(): number {
    return this.chunks.bytesWritten - this.#bytesBefore;
  }

  /** Returns a pack that this writer owns from now on. */
  acquirePack(): OwnedPack {
    return this.#base.acquirePack();
  }

  /** Stores some bytes, unless they are stored. */
  put(bytes: Buffer, digest: Buffer, kind: ChunkKind): void {
    if (this.known.claim(digest)()[0] === 1) this.chunks.append(bytes, digest, kind);
  }

  putNode(node: EncodedNode): void {
    this.put(node.bytes, node.digest, CHUNK_KINDS.tree);
  }

  /** Takes nodes that refer to something new, and are new for that: the catalog is not asked. */
  get newNodes(): NodeSink {
    return { putNode: ({ bytes, digest }) => this.#putNew(bytes, digest, CHUNK_KINDS.tree) };
  }

  /**
   * Makes the snapshot.
   *
   * @param onCommit called once all is written, before it is committed, with what was
   * @throws {CoppiceError} NAME_TAKEN, NOT_FOUND when a parent was removed meanwhile, STORE_BUSY, DISK_FULL
   * @throws {ChunkCollected}
   */
  commit(
    draft: SnapshotDraft,
    onCommit?: (packs: readonly WrittenPack[]) => void,
  ): WrittenSnapshot {
    const { snapshots, ...written } = this.commitTogether([draft], onCommit);
    return { row: snapshots[0]!.row, ...written };
  }

  /** Makes several snapshots in one commit: all of them, or none. See `commit`. */
  commitTogether(
    drafts: readonly SnapshotDraft[],
    onCommit?: (packs: readonly WrittenPack[]) => void,
  ): WrittenTogether {
    const { disk } = this.#engine;
    const isFull = this.durability === "full";
    const snapshots = drafts.map((draft) => this.#putSnapshot(draft));
    const packs = drafts.flatMap((draft) => draft.packs ?? []);
    const written = [...packs, ...this.chunks.finish(isFull)];
    onCommit?.(written);
    const addition: Addition = {
      packs: written,
      keepsPacks: this.#isStanding,
      bootId: disk.bootId,
      synced: isFull ? [...written, ...syncOthers(this.#engine, written)] : [],
      snapshots: snapshots.map(({ row }, index) => {
        const { directory, workspace } = drafts[index]!;
        return { row, ...(directory && { directory }), ...(workspace && { workspace }) };
      }),
    };
    const roots = drafts.map(({ root }) => ({ digest: root.digest, role: "root" }) as const);
    const isOver = this.#commit(addition, roots);
    const bytesStored = sumOf(written) - sumOf(this.#base.packs);
    if (this.#isStanding) this.#noteWritten(written, isFull);
    return { snapshots, bytesStored, isOver };
  }

  /** Puts a snapshot's root and its record. */
  #putSnapshot(draft: SnapshotDraft): WrittenTogether["snapshots"][number] {
    const before = this.bytesNew;
    const { root, packs: _, directory: __, workspace: ___, ...own } = draft;
    if (before > 0) this.#putNew(root.bytes, root.digest, CHUNK_KINDS.root);
    else this.put(root.bytes, root.digest, CHUNK_KINDS.root);
    const described = {
      mergeParents: [],
      ...own,
      id: newId(),
      digest: root.digest,
      stateDigest: root.stateDigest,
      createdMs: Date.now(),
    };
    const record = encodeSnapshotRecord(described);
    const row: SnapshotRow = { ...described, record: sha256(record) };
    this.#putNew(record, row.record, CHUNK_KINDS.record);
    return { row, bytesOwn: this.bytesNew - before };
  }

  /**
   * Has snapshots be of other states, in one transaction: content was erased from them. Those that were removed meanwhile stay removed.
   *
   * @param check called under the write lock, before anything is changed; may throw
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
   * @throws {ChunkCollected}
   */
  replace(replacements: readonly Replacement[], check: () => void): void {
    const erasures = replacements.map(({ before, root, ...outcome }) => {
      const { record: _, ...kept } = before;
      const row = { ...kept, ...outcome, digest: root.digest, stateDigest: root.stateDigest };
      const bytes = encodeSnapshotRecord(row);
      const record = sha256(bytes);
      this.put(root.bytes, root.digest, CHUNK_KINDS.root);
      this.put(bytes, record, CHUNK_KINDS.record);
      return { row: { ...row, record }, before: before.record };
    });
    const packs = this.chunks.finish(true);
    const synced = [...packs, ...syncOthers(this.#engine, packs)];
    const roots = replacements.map(({ root }) => ({ digest: root.digest, role: "root" }) as const);
    this.#commit({ packs, bootId: this.#engine.disk.bootId, synced, erasures, check }, roots);
  }

  /**
   * Makes chunks that no snapshot refers to yet: what is in memory no longer has to be.
   *
   * @param holds the contents or roots that they are of, which the own session needs
   * @param others what threads wrote into packs of their own, as durable as this writer
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
   * @throws {ChunkCollected}
   */
  commitChunks(holds: readonly SpilledHold[], others: readonly WrittenPack[] = []): void {
    const packs = [...others, ...this.chunks.finish(this.durability === "full")];
    const synced = this.durability === "full" ? packs : [];
    this.#commit({ packs, bootId: this.#engine.disk.bootId, synced, holds }, holds);
  }

  /** Whether what it stood on can be used by another writer: nothing lies in the packs that was not committed. */
  get isClean(): boolean {
    const { isCommitted, isOpen } = this.#commitment;
    return isCommitted || (isOpen && this.bytesNew === 0);
  }

  /** Ends writing; what was not committed is cut off. Not for one that stands on a base which others will use. */
  close(): void {
    this.#commitment.end(this.#isStanding);
  }

  /** Commits, once it is clear that all is there which the roots refer to. */
  #commit(addition: Addition, roots: readonly ReachableRoot[]): boolean {
    const { catalog } = this.#engine;
    for (;;) {
      try {
        return this.#commitment.run(() =>
          catalog.commit({ ...addition, removals: this.#removals }, this.durability),
        );
      } catch (error) {
        if (!(error instanceof RemovalsMoved)) throw error;
        requireStored(this.#engine, roots, addition.packs);
        this.#removals = error.removals;
      }
    }
  }

  /** What was stored all the same is stored twice, and the row that was there first stays. */
  #putNew(bytes: Buffer, digest: Buffer, kind: ChunkKind): void {
    if (this.known.take(digest)) this.chunks.append(bytes, digest, kind);
  }

  #noteWritten(written: readonly WrittenPack[], isSynced: boolean): void {
    const { packs, written: digests } = this.#base;
    for (const { rows } of written)
      for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) digests.add(rows, at);
    for (const [index, pack] of packs.entries()) {
      const lengthBytes = written.find(({ id }) => id === pack.id)?.lengthBytes;
      if (lengthBytes === undefined) continue;
      packs[index] = { ...pack, lengthBytes, ...(isSynced && { syncedBytes: lengthBytes }) };
    }
  }
}

/** Whether a capture of a workspace makes a snapshot: not where it would be the one before once more. */
export function isNewSnapshot(
  head: Pick<SnapshotRow, "digest">,
  {
    name,
    labels = {},
  }: { readonly name?: string | undefined; readonly labels?: SnapshotRow["labels"] },
  digest: Buffer,
): boolean {
  return !digest.equals(head.digest) || name !== undefined || Object.keys(labels).length > 0;
}

/**
 * Returns the id of a snapshot that another is to follow.
 *
 * @throws {CoppiceError} NOT_FOUND
 */
export function requireParent(
  { catalog }: Pick<Engine, "catalog">,
  id: string | undefined,
): string | undefined {
  if (id !== undefined && catalog.snapshots.find(id)?.id !== id) {
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot capture with parent ${id}: the store has no snapshot of that id`,
    );
  }
  return id;
}

function sumOf(packs: readonly { readonly lengthBytes: number }[]): number {
  return packs.reduce((sum, pack) => sum + pack.lengthBytes, 0);
}
