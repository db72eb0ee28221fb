/**
 * Directory block: everything known of one scanned directory, as flat bytes. A worker makes it, the
 * calling thread fills in the digests, and the stat cache keeps it as it is.
 *
 * Little-endian; lanes (see stat-lanes) lie on multiples of 4 bytes from the block's start.
 *
 * | offset | size | what |
 * | ---: | ---: | --- |
 * | 0 | 4 | bytes of the block, a multiple of 8 |
 * | 4 | 4 | number of entries, n |
 * | 8 | 4 | 1 where the directory has names that are not in the block |
 * | 12 | 4 | offset of the names |
 * | 16 | 32 | tree digest |
 * | 48 | 32 | state digest of the tree |
 * | 80 | 8 | entries in it and below |
 * | 88 | 8 | sum of file sizes in it and below |
 * | 96 | 64 | lanes of the directory itself |
 * | 160 | 80 n | for each entry: lanes (64), offset of a subdirectory's block in the cache (8), offset of its record (4), flags (4) |
 * | | | names, each ended by NUL, in the order of the entries |
 * | | | tree records, in the order of the entries |
 *
 * Entries stand in the order in which the file system listed them.
 */
import { constants } from "node:fs";
import { DIGEST_BYTES } from "../model/digest.js";
import { LANES, LANES_BYTES, MODE_LANE } from "./stat-lanes.js";

const HEADER_BYTES = 160;
const ENTRY_BYTES = LANES_BYTES + 16;
const OWN_LANES_AT = 96;

/** What is still to be done for an entry, or special about it. */
export const ENTRY_FLAGS = {
  /** A directory, whose block is its own. */
  directory: 1,
  /** Not a directory, and has other names: hard links. */
  linked: 2,
  /** A file whose content is still to be read. */
  deferred: 4,
  /** Vanished or left out after it was listed. */
  gone: 8,
} as const;

/** The digests and sums of what is in a directory and below. */
export interface BlockSummary {
  readonly tree: Buffer;
  readonly stateTree: Buffer;
  readonly entryCount: number;
  readonly totalBytes: number;
}

/** A view of a block's bytes. */
export class DirectoryBlock {
  readonly bytes: Buffer;
  /** The block as words of 32 bits, for the lanes in it. */
  readonly lanes: Uint32Array;

  /** @param bytes starts on a multiple of 4 in its memory */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.lanes = new Uint32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length / 4);
  }

  /** Returns the block that starts at an offset of some memory. */
  static at(memory: Buffer, offset: number): DirectoryBlock {
    return new DirectoryBlock(memory.subarray(offset, offset + memory.readUInt32LE(offset)));
  }

  /** Returns a block in memory of its own, to be changed. */
  copy(): DirectoryBlock {
    const bytes = Buffer.from(new ArrayBuffer(this.bytes.length));
    this.bytes.copy(bytes);
    return new DirectoryBlock(bytes);
  }

  get entryCount(): number {
    return this.bytes.readUInt32LE(4);
  }

  /** Whether the block's names are all that the directory has. */
  get isComplete(): boolean {
    return this.bytes.readUInt32LE(8) === 0;
  }

  markIncomplete(): void {
    this.bytes.writeUInt32LE(1, 8);
  }

  /** How many entries are regular files. */
  get fileCount(): number {
    let count = 0;
    for (let entry = 0; entry < this.entryCount; entry++) {
      if (
        ((this.lanes[this.lanesOf(entry) + MODE_LANE] as number) & constants.S_IFMT) ===
        constants.S_IFREG
      )
        count++;
    }
    return count;
  }

  /** Index of the directory's own lanes. */
  get ownLanes(): number {
    return OWN_LANES_AT / 4;
  }

  /** Returns the index of an entry's lanes. */
  lanesOf(entry: number): number {
    return (HEADER_BYTES + entry * ENTRY_BYTES) / 4;
  }

  childBlock(entry: number): number {
    return Number(this.bytes.readBigUInt64LE(this.#entryAt(entry) + LANES_BYTES));
  }

  setChildBlock(entry: number, offset: number): void {
    this.bytes.writeBigUInt64LE(BigInt(offset), this.#entryAt(entry) + LANES_BYTES);
  }

  flags(entry: number): number {
    return this.bytes.readUInt32LE(this.#entryAt(entry) + LANES_BYTES + 12);
  }

  setFlags(entry: number, flags: number): void {
    this.bytes.writeUInt32LE(flags, this.#entryAt(entry) + LANES_BYTES + 12);
  }

  /** Returns an entry's tree record, a view. */
  record(entry: number): Buffer {
    const at = this.bytes.readUInt32LE(this.#entryAt(entry) + LANES_BYTES + 8);
    return this.bytes.subarray(at, at + this.bytes.readUInt32LE(at));
  }

  /** The names as one run of bytes, each ended by NUL. */
  get names(): Buffer {
    const at = this.bytes.readUInt32LE(12);
    return this.bytes.subarray(at + 4, at + 4 + this.bytes.readUInt32LE(at));
  }

  get summary(): BlockSummary {
    return {
      tree: this.bytes.subarray(16, 16 + DIGEST_BYTES),
      stateTree: this.bytes.subarray(48, 48 + DIGEST_BYTES),
      entryCount: Number(this.bytes.readBigUInt64LE(80)),
      totalBytes: Number(this.bytes.readBigUInt64LE(88)),
    };
  }

  setSummary(summary: BlockSummary): void {
    this.bytes.set(summary.tree, 16);
    this.bytes.set(summary.stateTree, 48);
    this.bytes.writeBigUInt64LE(BigInt(summary.entryCount), 80);
    this.bytes.writeBigUInt64LE(BigInt(summary.totalBytes), 88);
  }

  /** Returns the block with another record for an entry: itself where the record is as long as before. */
  withRecord(entry: number, record: Buffer): DirectoryBlock {
    const old = this.record(entry);
    if (old.length === record.length) {
      record.copy(old);
      return this;
    }
    const draft = new BlockDraft();
    for (let index = 0; index < this.entryCount; index++) {
      const kept = index === entry ? record : this.record(index);
      draft.add(kept, this.flags(index), this.lanes, this.lanesOf(index), this.childBlock(index));
    }
    const block = draft.finish(this.names, this.isComplete);
    this.bytes.copy(block.bytes, 16, 16, HEADER_BYTES);
    return block;
  }

  #entryAt(entry: number): number {
    return HEADER_BYTES + entry * ENTRY_BYTES;
  }
}

/** A block in the making. */
export class BlockDraft {
  #records: Buffer[] = [];
  #flags: number[] = [];
  #childBlocks: number[] = [];
  #lanes = new Uint32Array(64 * LANES);

  /** @param childBlock offset of a subdirectory's block in the cache, 0 for none */
  add(
    record: Buffer,
    flags: number,
    lanes: Uint32Array,
    lanesAt: number,
    childBlock: number,
  ): void {
    const at = this.#records.length * LANES;
    if (at === this.#lanes.length) {
      const grown = new Uint32Array(at * 2);
      grown.set(this.#lanes);
      this.#lanes = grown;
    }
    for (let lane = 0; lane < LANES; lane++)
      this.#lanes[at + lane] = lanes[lanesAt + lane] as number;
    this.#records.push(record);
    this.#flags.push(flags);
    this.#childBlocks.push(childBlock);
  }

  /** Returns the block; the directory's own lanes are still to be set. */
  finish(names: Buffer, isComplete: boolean): DirectoryBlock {
    const count = this.#records.length;
    const namesAt = HEADER_BYTES + count * ENTRY_BYTES;
    let recordAt = namesAt + 4 + names.length;
    const length = this.#records.reduce((sum, record) => sum + record.length, recordAt);
    const bytes = Buffer.from(new ArrayBuffer(Math.ceil(length / 8) * 8));
    bytes.writeUInt32LE(bytes.length, 0);
    bytes.writeUInt32LE(count, 4);
    bytes.writeUInt32LE(isComplete ? 0 : 1, 8);
    bytes.writeUInt32LE(namesAt, 12);
    const block = new DirectoryBlock(bytes);
    for (let entry = 0; entry < count; entry++) {
      const record = this.#records[entry] as Buffer;
      const lanesAt = block.lanesOf(entry);
      for (let lane = 0; lane < LANES; lane++)
        block.lanes[lanesAt + lane] = this.#lanes[entry * LANES + lane] as number;
      bytes.writeUInt32LE(recordAt, HEADER_BYTES + entry * ENTRY_BYTES + LANES_BYTES + 8);
      block.setFlags(entry, this.#flags[entry] as number);
      block.setChildBlock(entry, this.#childBlocks[entry] as number);
      record.copy(bytes, recordAt);
      recordAt += record.length;
    }
    bytes.writeUInt32LE(names.length, namesAt);
    names.copy(bytes, namesAt + 4);
    return block;
  }
}
