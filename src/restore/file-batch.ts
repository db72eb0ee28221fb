/**
 * File batch: regular files to write, as flat bytes for a thread.
 */
import type { FileEntry } from "../model/entry.js";
import { decodeEntry, encodeEntry } from "../tree/entry-codec.js";

/** Files of one directory. */
export interface FileBatch {
  /** From the root down. */
  readonly names: readonly Uint8Array[];
  readonly isOwnDirectory: boolean;
  /** For each file: bytes of its extents (u32), whether it replaces something (u32), its record, its extents. */
  readonly files: Uint8Array<ArrayBuffer>;
}

/** A file to write. */
export interface FileToWrite {
  readonly entry: FileEntry;
  readonly extents: Buffer;
  readonly replaces: boolean;
}

/** Returns files as flat bytes with a memory of their own. */
export function encodeFiles(files: readonly FileToWrite[]): Uint8Array<ArrayBuffer> {
  const pieces = files.flatMap(({ entry, extents, replaces }) => {
    const header = Buffer.alloc(8);
    header.writeUInt32LE(extents.length, 0);
    header.writeUInt32LE(replaces ? 1 : 0, 4);
    return [header, encodeEntry(entry), extents];
  });
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Yields the files of some flat bytes. */
export function* decodeFiles(bytes: Uint8Array): Generator<FileToWrite> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < buffer.length; ) {
    const extentBytes = buffer.readUInt32LE(at);
    const replaces = buffer.readUInt32LE(at + 4) === 1;
    const recordEnd = at + 8 + buffer.readUInt32LE(at + 8);
    const entry = decodeEntry(buffer.subarray(at + 8, recordEnd));
    if (entry.kind !== "file") throw new Error("A file batch holds files");
    at = recordEnd + extentBytes;
    yield { entry, extents: buffer.subarray(recordEnd, at), replaces };
  }
}
