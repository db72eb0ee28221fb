/**
 * Node codec: tree objects as canonical bytes (see FORMAT.md, "Node").
 *
 * A node is eight bytes of header and a row of records that share one envelope: total length, length
 * of the state part, state part, rest. A leaf's records are entries or hard-link groups; an index
 * node's records are its children.
 */
import { sha256 } from "../hash/sha256.js";
import { DIGEST_BYTES } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import { RECORD_HEADER_BYTES, recordState } from "./entry-codec.js";

/** Bytes before the first record. */
export const NODE_HEADER_BYTES = 8;

/** First byte of a node. */
export const NODE_TYPES = { entries: 1, index: 2, root: 3, links: 4 } as const;
const STATE_BIT = 0x80;
/** Memory for state parts, enough for nearly all nodes: to have others collected as garbage takes longer than to fill it. */
const GATHERED = Buffer.allocUnsafeSlow(64 * 1024);
/** Its length has two bytes. */
const FIRST_NAME_BYTES_MAX = 0xffff;

/** What a node refers to its child by, and what it keeps of it. */
export interface NodeChild {
  /** The first name below the child. */
  readonly firstName: Buffer;
  readonly entryCount: number;
  readonly totalBytes: number;
  readonly stateDigest: Buffer;
  readonly digest: Buffer;
}

/** A node's bytes with both of its digests. */
export interface EncodedNode {
  readonly bytes: Buffer;
  readonly digest: Buffer;
  readonly stateDigest: Buffer;
}

/**
 * Returns the node that holds some records. Costs two SHA-256, of all bytes and of the state parts.
 *
 * @throws {CoppiceError} UNSUPPORTED where it would be too large to be read again
 */
export function encodeNode(type: number, level: number, records: readonly Buffer[]): EncodedNode {
  const bytes = Buffer.concat([nodeHeader(type, level, records.length), ...records]);
  if (bytes.length > CHUNK_BYTES_MAX) {
    const what = type === NODE_TYPES.links ? "groups of hard links" : "entries";
    throw new CoppiceError(
      "UNSUPPORTED",
      `Cannot store ${records.length} ${what}: together they take ${bytes.length} bytes where ${CHUNK_BYTES_MAX} are possible, exclude some of them`,
    );
  }
  return encodedNode(bytes);
}

/** Returns the first bytes of a node of so many records. */
export function nodeHeader(type: number, level: number, count: number): Buffer {
  const header = Buffer.alloc(NODE_HEADER_BYTES);
  header[0] = type;
  header[1] = level;
  header.writeUInt32LE(count, 4);
  return header;
}

/**
 * Returns a node of some bytes with both of its digests. Costs two SHA-256, of all bytes and of the state parts.
 *
 * @param bytes as `encodeNode` makes them
 */
export function encodedNode(bytes: Buffer): EncodedNode {
  return { bytes, digest: sha256(bytes), stateDigest: sha256(stateOf(bytes)) };
}

/**
 * Gathers the state parts into one run: one call to the hash costs less than one for each record.
 *
 * @returns a view that the next call invalidates
 */
function stateOf(bytes: Buffer): Buffer {
  const state = bytes.length > GATHERED.length ? Buffer.allocUnsafe(bytes.length) : GATHERED;
  // Moved within a copy: that takes half as long as to copy part by part.
  bytes.copy(state);
  state[0] = (bytes[0] as number) | STATE_BIT;
  let end = NODE_HEADER_BYTES;
  for (let at = NODE_HEADER_BYTES; at < bytes.length; at += bytes.readUInt32LE(at)) {
    const start = at + RECORD_HEADER_BYTES;
    const length = bytes.readUInt32LE(at + 4);
    state.copyWithin(end, start, start + length);
    end += length;
  }
  return state.subarray(0, end);
}

/**
 * Returns the record by which an index node holds a child.
 *
 * @throws {CoppiceError} UNSUPPORTED where the first name, of hard links a path, is too long for it
 */
export function encodeChild(child: NodeChild): Buffer {
  if (child.firstName.length > FIRST_NAME_BYTES_MAX) {
    const path = String(child.firstName);
    throw new CoppiceError(
      "UNSUPPORTED",
      `Cannot store the hard links of a path of ${child.firstName.length} bytes: beside so many others ${FIRST_NAME_BYTES_MAX} are possible, exclude it`,
      { path },
    );
  }
  const stateBytes = 2 + child.firstName.length + 16 + DIGEST_BYTES;
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + stateBytes + DIGEST_BYTES);
  record.writeUInt32LE(record.length, 0);
  record.writeUInt32LE(stateBytes, 4);
  record.writeUInt16LE(child.firstName.length, 8);
  record.set(child.firstName, 10);
  const at = 10 + child.firstName.length;
  record.writeBigUInt64LE(BigInt(child.entryCount), at);
  record.writeBigUInt64LE(BigInt(child.totalBytes), at + 8);
  record.set(child.stateDigest, at + 16);
  record.set(child.digest, at + 16 + DIGEST_BYTES);
  return record;
}

/**
 * Returns the child that a record of an index node holds; its parts are views of the record.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function decodeChild(record: Buffer): NodeChild {
  const at = record.length < 10 ? 0 : 10 + record.readUInt16LE(8);
  if (record.length !== at + 16 + 2 * DIGEST_BYTES)
    throw damaged("a child record of the wrong length");
  return {
    firstName: record.subarray(10, at),
    entryCount: Number(record.readBigUInt64LE(at)),
    totalBytes: Number(record.readBigUInt64LE(at + 8)),
    stateDigest: record.subarray(at + 16, at + 16 + DIGEST_BYTES),
    digest: record.subarray(at + 16 + DIGEST_BYTES),
  };
}

/**
 * Returns where the digest of the child stands that a record of an index node holds.
 *
 * @param node what the record lies in, from `start` to `end`
 * @throws {CoppiceError} CORRUPT
 */
export function childDigestAt(node: Buffer, start: number, end: number): number {
  const at = end - DIGEST_BYTES;
  const isSound = end - start >= 10 && start + 10 + node.readUInt16LE(start + 8) + 48 === at;
  if (!isSound) throw damaged("a child record of the wrong length");
  return at;
}

/** A node's type, level and records; the records are views of its bytes. */
export interface DecodedNode {
  readonly type: number;
  readonly level: number;
  readonly records: readonly Buffer[];
}

/** A node's type and level, and where its records lie. */
export interface NodeLayout {
  readonly type: number;
  readonly level: number;
  /** Where each record begins, and where the last one ends. */
  readonly bounds: readonly number[];
}

/**
 * Returns the records of a node.
 *
 * @throws {CoppiceError} CORRUPT when it is no node, or lengths do not add up
 */
export function decodeNode(bytes: Buffer): DecodedNode {
  return recordsOf(bytes, nodeLayout(bytes), 0, 0);
}

/** Returns a node without some of its first and last records. */
export function recordsOf(
  bytes: Buffer,
  { type, level, bounds }: NodeLayout,
  firstCount: number,
  lastCount: number,
): DecodedNode {
  const records: Buffer[] = [];
  for (let index = firstCount; index < bounds.length - 1 - lastCount; index++)
    records.push(bytes.subarray(bounds[index], bounds[index + 1]));
  return { type, level, records };
}

/**
 * Returns where the records of a node lie.
 *
 * @throws {CoppiceError} CORRUPT when it is no node, or lengths do not add up
 */
export function nodeLayout(bytes: Buffer): NodeLayout {
  if (bytes.length < NODE_HEADER_BYTES) throw damaged(`${bytes.length} bytes`);
  const type = bytes[0] ?? 0;
  const level = bytes[1] ?? 0;
  if (type !== NODE_TYPES.entries && type !== NODE_TYPES.index && type !== NODE_TYPES.links)
    throw damaged("no node");
  if ((type === NODE_TYPES.index) !== level > 0) throw damaged("a node of impossible level");
  const count = bytes.readUInt32LE(4);
  let at = NODE_HEADER_BYTES;
  const bounds = [at];
  while (at < bytes.length) {
    at = recordEnd(bytes, at);
    bounds.push(at);
  }
  if (bounds.length - 1 !== count) throw miscounted(bounds.length - 1, count);
  return { type, level, bounds };
}

/**
 * Returns where a record of a node ends.
 *
 * @throws {CoppiceError} CORRUPT where it cannot be one
 */
export function recordEnd(node: Buffer, at: number): number {
  if (at + RECORD_HEADER_BYTES > node.length) throw damaged("a torn record");
  const end = at + node.readUInt32LE(at);
  if (end < at + RECORD_HEADER_BYTES + node.readUInt32LE(at + 4) || end > node.length)
    throw damaged("a record of impossible length");
  return end;
}

/** Returns the error for a node that has more or fewer records than it says. */
export function miscounted(found: number, count: number): CoppiceError {
  return damaged(`${found} records where its header says ${count}`);
}

/** Returns how many records a node says that it has, unchecked. */
export function recordCount(node: Buffer): number {
  return node.length < NODE_HEADER_BYTES ? 0 : node.readUInt32LE(4);
}

/** Returns the root object's bytes and digests: the record of the captured directory itself and its hard-link groups. */
export function encodeRoot(record: Buffer, links: Buffer): EncodedNode {
  const header = Buffer.alloc(NODE_HEADER_BYTES);
  header[0] = NODE_TYPES.root;
  header.writeUInt32LE(1, 4);
  const stateHeader = Buffer.from(header);
  stateHeader[0] = NODE_TYPES.root | STATE_BIT;
  const bytes = Buffer.concat([header, links, record]);
  const state = Buffer.concat([stateHeader, links, recordState(record)]);
  return { bytes, digest: sha256(bytes), stateDigest: sha256(state) };
}

/**
 * Returns what a root object holds.
 *
 * @throws {CoppiceError} CORRUPT when it is no root object
 */
export function decodeRoot(bytes: Buffer): { readonly record: Buffer; readonly links: Buffer } {
  const start = NODE_HEADER_BYTES + DIGEST_BYTES;
  if (bytes[0] !== NODE_TYPES.root || bytes.length < start + RECORD_HEADER_BYTES)
    throw damaged("no root");
  const record = bytes.subarray(start);
  if (record.readUInt32LE(0) !== record.length) throw damaged("a root record of the wrong length");
  return { record, links: bytes.subarray(NODE_HEADER_BYTES, start) };
}

function damaged(what: string): CoppiceError {
  return new CoppiceError("CORRUPT", `Cannot decode tree object: it holds ${what}`);
}
