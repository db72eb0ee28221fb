/**
 * Image inode: what is known of an inode while an image is planned and written.
 */

import type { PackedDirectory } from "./directory-codec.js";
import type { ChunkMap } from "./plan-chunks.js";

/** File types, the upper bits of a mode (inode(7)). */
export const FILE_TYPES = {
  fifo: 0o010_000,
  characterDevice: 0o020_000,
  directory: 0o040_000,
  blockDevice: 0o060_000,
  file: 0o100_000,
  symlink: 0o120_000,
} as const;

/** Where an inode's bytes are. */
export type InodeBody =
  /** It has none; a device has its number. */
  | { readonly form: "none"; readonly deviceNumber: number }
  /** Behind the inode: a symbolic link's target. */
  | { readonly form: "inline"; readonly bytes: Buffer }
  /** Behind the inode: all bytes of a chunk, by its row. */
  | { readonly form: "inline-chunk"; readonly row: number }
  /** In blocks of the image, one after the other; `block` counts from the start of the data. */
  | { readonly form: "blocks"; readonly block: number }
  /** Here and there, as chunks of EROFS. */
  | { readonly form: "chunks"; readonly map: ChunkMap }
  | { readonly form: "directory"; readonly directory: PackedDirectory };

/** An inode; what is not readonly becomes known in the course of planning. */
export interface ImageInode {
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  /** As behind the inode; empty where there are none. */
  readonly xattrs: Buffer;
  sizeBytes: number;
  linkCount: number;
  body: InodeBody;
  /** Whether it has the short form. */
  isCompact: boolean;
  /** Byte in the image. */
  position: number;
}
