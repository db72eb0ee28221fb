/**
 * Where a chunk lies and what it holds.
 */

/** What a chunk holds. The numbers are part of the format. */
export const CHUNK_KINDS = { data: 0, list: 1, tree: 2, root: 3, record: 4 } as const;
export type ChunkKind = (typeof CHUNK_KINDS)[keyof typeof CHUNK_KINDS];

/** Where a chunk's bytes lie. */
export interface ChunkLocation {
  /** The pack's number in the catalog. */
  readonly pack: number;
  readonly offset: number;
  readonly lengthBytes: number;
  readonly kind: ChunkKind;
  /** XXH64 of the bytes as stored, little-endian. */
  readonly checksum: Buffer;
}
