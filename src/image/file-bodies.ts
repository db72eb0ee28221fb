/**
 * File bodies: where the bytes of an image's files are to be, each content once.
 */
import { DIGEST_BYTES, NO_DIGEST } from "../model/digest.js";
import type { Content, FileEntry } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import { visitItems } from "../tree/content-list.js";
import type { ChunkNumbers } from "./chunk-numbers.js";
import { CopyList } from "./copy-list.js";
import { FileExtents, HOLE_ROW } from "./file-extents.js";
import type { InodeBody } from "./image-inode.js";
import { BLOCK_BYTES, blockCount } from "./layout.js";
import type { DataArea } from "./plan-chunks.js";
import { planChunks } from "./plan-chunks.js";

/** The longest content that is put behind its inode; see FORMAT.md, "Decisions". */
const INLINE_BYTES_MAX = 4032;

/** Bytes that are not in the store: targets of symbolic links that do not fit behind their inode. */
export interface LooseBytes {
  /** Byte in the data area. */
  readonly target: number;
  readonly bytes: Buffer;
}

export class FileBodies {
  /** What is copied into the data area. */
  readonly copies = new CopyList();
  readonly looseBytes: LooseBytes[] = [];
  readonly #index: ChunkNumbers;
  /** By the row of a content's chunk or list. */
  readonly #bodies = new Map<number, InodeBody>();
  readonly #devices = new Map<number, number>();
  readonly #area: DataArea;
  readonly #deviceOf: ((pack: number) => number) | undefined;
  #blocks = 0;
  #hasChunks = false;

  constructor(index: ChunkNumbers, mapsPacks: boolean) {
    this.#index = index;
    this.#area = {
      allocate: (blocks) => (this.#blocks += blocks) - blocks,
      copy: (...copy) => this.copies.add(...copy),
    };
    this.#deviceOf = mapsPacks ? (pack) => this.#device(pack) : undefined;
  }

  /** Blocks of the data area. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Whether any file has chunks of EROFS. */
  get hasChunks(): boolean {
    return this.#hasChunks;
  }

  /** The packs that are mapped, in the order of their device numbers. */
  get packs(): readonly number[] {
    return [...this.#devices.keys()];
  }

  /**
   * Returns where a file's bytes are to be.
   *
   * @param roomBytes how many fit behind its inode
   * @throws {CoppiceError} CORRUPT where its chunks do not make up the file
   */
  ofFile({ content, sizeBytes }: FileEntry, roomBytes: number): InodeBody {
    if (content.form === "empty") return EMPTY_FILE;
    if (content.form === "chunk" && sizeBytes <= Math.min(roomBytes, INLINE_BYTES_MAX)) {
      return { form: "inline-chunk", row: this.#row(content.digest, 0, sizeBytes) };
    }
    const key = this.#index.row(content.digest);
    let body = this.#bodies.get(key);
    if (body === undefined) {
      const extents = this.#extents(content, sizeBytes);
      const plan = planChunks(extents, sizeBytes, this.#index, this.#area, this.#deviceOf);
      if ("map" in plan) {
        this.#hasChunks = true;
        body = { form: "chunks", map: plan.map };
      } else body = { form: "blocks", block: plan.block };
      this.#bodies.set(key, body);
    }
    return body;
  }

  /** Returns where bytes are to be that the image has for itself. */
  ofBytes(bytes: Buffer, roomBytes: number): InodeBody {
    if (bytes.length <= roomBytes) return { form: "inline", bytes };
    const block = this.#area.allocate(blockCount(bytes.length));
    this.looseBytes.push({ target: block * BLOCK_BYTES, bytes });
    return { form: "blocks", block };
  }

  #extents(content: Exclude<Content, { form: "empty" }>, sizeBytes: number): FileExtents {
    const extents = new FileExtents();
    if (content.form === "chunk") extents.add(sizeBytes, this.#row(content.digest, 0, sizeBytes));
    else
      visitItems(this.#index, content.digest, (lengthBytes, node, at) => {
        const isHole = NO_DIGEST.compare(node, at, at + DIGEST_BYTES) === 0;
        extents.add(lengthBytes, isHole ? HOLE_ROW : this.#row(node, at, lengthBytes));
      });
    if (extents.sizeBytes !== sizeBytes)
      throw new CoppiceError(
        "CORRUPT",
        `Cannot read file of ${sizeBytes} bytes: its chunks have ${extents.sizeBytes}`,
      );
    return extents;
  }

  #device(pack: number): number {
    let device = this.#devices.get(pack);
    if (device === undefined) {
      device = this.#devices.size + 1;
      this.#devices.set(pack, device);
    }
    return device;
  }

  /** A length that is not the one in the pack would show bytes of another file. */
  #row(bytes: Buffer, at: number, lengthBytes: number): number {
    const row = this.#index.row(bytes, at);
    const stored = this.#index.lengthBytes(row);
    if (stored !== lengthBytes || stored > CHUNK_BYTES_MAX)
      throw new CoppiceError(
        "CORRUPT",
        `Cannot read chunk of ${stored} bytes: what refers to it says ${lengthBytes}`,
      );
    return row;
  }
}

const EMPTY_FILE: InodeBody = { form: "none", deviceNumber: 0 };
