/**
 * Decodes tree objects as src/tree/FORMAT.md describes them, and nothing of the engine. Throws on
 * everything that the document rules out.
 */
import assert from "node:assert/strict";

/** Section 1. */
export interface ReferenceRecord {
  /** All bytes. */
  readonly bytes: Buffer;
  readonly state: Buffer;
  readonly rest: Buffer;
}

/** Section 2. What a kind does not have is absent. */
export interface ReferenceEntry {
  readonly kind: (typeof kinds)[number];
  readonly name: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly xattrs: readonly (readonly [name: Buffer, value: Buffer])[];
  readonly sizeBytes?: bigint;
  readonly form?: "empty" | "chunk" | "list";
  readonly content?: Buffer;
  readonly entryCount?: bigint;
  readonly totalBytes?: bigint;
  readonly stateTree?: Buffer;
  readonly tree?: Buffer;
  readonly target?: Buffer;
  readonly device?: readonly [major: number, minor: number];
}

/** Section 3. */
export interface ReferenceNode {
  readonly type: number;
  readonly level: number;
  readonly records: readonly ReferenceRecord[];
}

const kinds = ["file", "directory", "symlink", "fifo", "character-device", "block-device"] as const;
const forms = ["empty", "chunk", "list"] as const;

/** Reads fields one after the other. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Buffer {
    assert(this.#at + length <= this.#bytes.length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  u8 = () => this.take(1)[0]!;
  u16 = () => this.take(2).readUInt16LE();
  u32 = () => this.take(4).readUInt32LE();
  u64 = () => this.take(8).readBigUInt64LE();
  i64 = () => this.take(8).readBigInt64LE();
}

/** Section 1: the records that bytes consist of. */
function readRecords(bytes: Buffer): ReferenceRecord[] {
  const records: ReferenceRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const stateBytes = bytes.readUInt32LE(at + 4);
    assert(length >= 8 + stateBytes && at + length <= bytes.length);
    const record = bytes.subarray(at, at + length);
    records.push({
      bytes: record,
      state: record.subarray(8, 8 + stateBytes),
      rest: record.subarray(8 + stateBytes),
    });
    at += length;
  }
  return records;
}

/** Section 2. */
export function readEntry({ state, rest }: ReferenceRecord): ReferenceEntry {
  const fields = new Fields(state);
  const kind = kinds[fields.u8()];
  const flags = fields.u8();
  const mode = fields.u16();
  const name = fields.take(fields.u16());
  assert(kind !== undefined && mode <= 0o7777 && name.length <= 1024);
  assert(!name.includes(0) && !name.includes("/") && ![".", ".."].includes(String(name)));
  assert.equal(flags & ~(kind === "file" ? 7 : 4), 0);
  const special = readKind(fields, kind, flags & 3);
  const xattrs = (flags & 4) === 0 ? [] : readXattrs(fields);
  assert(fields.isAtEnd);

  const attributes = new Fields(rest);
  const [uid, gid, seconds, nanoseconds] = [
    attributes.u32(),
    attributes.u32(),
    attributes.i64(),
    attributes.u32(),
  ];
  assert(nanoseconds <= 999_999_999);
  const tree = kind === "directory" ? { tree: attributes.take(32) } : {};
  assert(attributes.isAtEnd);
  const mtimeNs = seconds * 1_000_000_000n + BigInt(nanoseconds);
  return { kind, name, mode, uid, gid, mtimeNs, xattrs, ...special, ...tree };
}

function readKind(fields: Fields, kind: (typeof kinds)[number], form: number) {
  switch (kind) {
    case "file": {
      const [sizeBytes, content] = [fields.u64(), fields.take(32)];
      assert.equal(
        forms[form],
        sizeBytes === 0n ? "empty" : sizeBytes <= 65_536n ? "chunk" : "list",
      );
      assert.equal(content.equals(Buffer.alloc(32)), sizeBytes === 0n);
      return { sizeBytes, content, form: forms[form]! };
    }
    case "directory":
      return { entryCount: fields.u64(), totalBytes: fields.u64(), stateTree: fields.take(32) };
    case "symlink":
      return { target: fields.take(fields.u16()) };
    case "fifo":
      return {};
    default:
      return { device: [fields.u32(), fields.u32()] as const };
  }
}

function readXattrs(outer: Fields): [Buffer, Buffer][] {
  const length = outer.u32();
  assert(length > 0);
  const fields = new Fields(outer.take(length));
  const xattrs: [Buffer, Buffer][] = [];
  while (!fields.isAtEnd) xattrs.push([fields.take(fields.u16()), fields.take(fields.u32())]);
  const names = xattrs.map(([name]) => name);
  assert.deepEqual(names, names.toSorted(Buffer.compare));
  return xattrs;
}

/** Section 3. */
export function readNode(bytes: Buffer): ReferenceNode {
  const [type, level] = [bytes[0]!, bytes[1]!];
  assert([1, 2, 4].includes(type) && (type === 2) === level > 0 && level <= 64);
  assert.equal(bytes.readUInt16LE(2), 0);
  const records = readRecords(bytes.subarray(8));
  assert.equal(bytes.readUInt32LE(4), records.length);
  return { type, level, records };
}

/** Section 3: what an index node's record says of a child. */
export function readChild({ state, rest }: ReferenceRecord) {
  const fields = new Fields(state);
  const firstName = fields.take(fields.u16());
  const [entryCount, totalBytes, stateDigest] = [fields.u64(), fields.u64(), fields.take(32)];
  assert(fields.isAtEnd && rest.length === 32);
  return { firstName, entryCount, totalBytes, stateDigest, digest: rest };
}

/** Section 5. */
export function readRoot(bytes: Buffer): { links: Buffer; record: ReferenceRecord } {
  assert.equal(bytes.toString("hex", 0, 8), "0300000001000000");
  const [record, ...others] = readRecords(bytes.subarray(40));
  assert(record !== undefined && others.length === 0);
  return { links: bytes.subarray(8, 40), record };
}

/** Section 6. */
export function readLinkGroup({ state, rest }: ReferenceRecord): Buffer[] {
  const fields = new Fields(state);
  const paths = Array.from({ length: fields.u32() }, () => fields.take(fields.u32()));
  assert(fields.isAtEnd && rest.length === 0 && paths.length >= 2);
  assert.deepEqual(paths, paths.toSorted(Buffer.compare));
  return paths;
}

/** Section 7. */
export function readListNode(bytes: Buffer) {
  assert.equal(bytes[0], 5);
  assert.equal(bytes.readUInt16LE(2), 0);
  const fields = new Fields(bytes.subarray(8));
  const items = Array.from({ length: bytes.readUInt32LE(4) }, () => {
    return { lengthBytes: fields.u64(), digest: fields.take(32) };
  });
  assert(fields.isAtEnd && items.length > 0 && items.every((each) => each.lengthBytes > 0n));
  return { level: bytes[1]!, items };
}
