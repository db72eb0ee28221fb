/**
 * Extended attributes as bytes of a tree record (see FORMAT.md, "Extended attributes").
 */
import type { Xattr } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";

/** Returns how many bytes the attributes take, without the length before them. */
export function measureXattrs(xattrs: readonly Xattr[]): number {
  let bytes = 0;
  for (const { name, value } of xattrs) bytes += 2 + name.length + 4 + value.length;
  return bytes;
}

/** Writes their length and the attributes; returns where they end. */
export function writeXattrs(
  record: Buffer,
  at: number,
  xattrs: readonly Xattr[],
  xattrBytes: number,
): number {
  record.writeUInt32LE(xattrBytes, at);
  at += 4;
  for (const { name, value } of xattrs) {
    record.writeUInt16LE(name.length, at);
    record.set(name, at + 2);
    at += 2 + name.length;
    record.writeUInt32LE(value.length, at);
    record.set(value, at + 4);
    at += 4 + value.length;
  }
  return at;
}

/** Returns the attributes between two places of a record; names and values are views. */
export function readXattrs(record: Buffer, at: number, end: number): Xattr[] {
  if (at + 4 + record.readUInt32LE(at) !== end)
    throw damaged("extended attributes of the wrong length");
  at += 4;
  const xattrs: Xattr[] = [];
  while (at < end) {
    // At the end of the state part this reads on into the attributes behind it, which are longer.
    const nameEnd = at + 2 + record.readUInt16LE(at);
    if (nameEnd + 4 > end) break;
    const name = record.subarray(at + 2, nameEnd);
    at = nameEnd + 4 + record.readUInt32LE(nameEnd);
    xattrs.push({ name, value: record.subarray(nameEnd + 4, at) });
  }
  if (at !== end) throw damaged("extended attributes of the wrong length");
  return xattrs;
}

function damaged(what: string): CoppiceError {
  return new CoppiceError("CORRUPT", `Cannot decode tree record: it holds ${what}`);
}
