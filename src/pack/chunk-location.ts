/**
 * Where a chunk lies and what it holds.
 */

/** What a chunk holds. The numbers are part of the format. */
export const CHUNK_KINDS = { data: 0, list: 1, tree: 2, root: 3, record: 4 } as const;
export type ChunkKind = (typeof CHUNK_KINDS)[keyof typeof CHUNK_KINDS];

/** Returns the name of a kind, `undefined` for one that this version does not know. */
export function kindName(kind: number): keyof typeof CHUNK_KINDS | undefined {
  return (Object.keys(CHUNK_KINDS) as (keyof typeof CHUNK_KINDS)[]).find(
    (each) => CHUNK_KINDS[each] === kind,
  );
}

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
