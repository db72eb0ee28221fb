/**
 * Tar blocks: archives made block by block, also such as no tool would make.
 */

const BLOCK_BYTES = 512;

/** Fields of a header; what is left out is what an ordinary file has. */
export interface HeaderFields {
  readonly name?: string | Buffer;
  readonly prefix?: string;
  readonly mode?: string;
  readonly uid?: string | Buffer;
  readonly gid?: string | Buffer;
  /** As it is written; else the number of bytes of `body`. */
  readonly size?: string | Buffer;
  readonly mtime?: string | Buffer;
  readonly type?: string;
  readonly linkName?: string | Buffer;
  readonly magic?: string;
  readonly devmajor?: string;
  readonly devminor?: string;
  /** As it is written; else the right one. */
  readonly checksum?: string | "signed";
  /** Bytes written over the header at an offset, before the checksum is taken. */
  readonly patch?: readonly (readonly [number, Buffer])[];
}

/** An entry: its header and what follows it, up to a whole block. */
export interface TarEntry extends HeaderFields {
  readonly body?: string | Buffer;
}

/** Entries of each kind. */
export const link = (name: string, linkName: string): TarEntry => ({ name, linkName, type: "2" });
export const hard = (name: string, linkName: string): TarEntry => ({ name, linkName, type: "1" });
export const directory = (name: string): TarEntry => ({ name, type: "5" });
export const file = (name: string, body = "x"): TarEntry => ({ name, body });
/** Returns a file with holes in the form of pax 1.0: in its body the map, filled up to a whole block, and the data. */
export const sparse = (records: Record<string, string>, body: string | Buffer = "") => [
  pax({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", ...records }),
  { name: "sparse", body: Buffer.isBuffer(body) ? body : padded(Buffer.from(body)) },
];

/** Returns an archive of some entries, with its end. */
export function tarOf(...entries: readonly (TarEntry | Buffer)[]): Buffer {
  return Buffer.concat([...entries.map(blocksOf), Buffer.alloc(2 * BLOCK_BYTES)]);
}

/** Returns an entry's blocks. */
export function blocksOf(entry: TarEntry | Buffer): Buffer {
  if (Buffer.isBuffer(entry)) return entry;
  const body = Buffer.from(entry.body ?? "");
  return Buffer.concat([header(entry, body.length), padded(body)]);
}

/** Returns an extended header with records. */
export function pax(
  records: Readonly<Record<string, string | Buffer>> | readonly (readonly [string, string])[],
  type: "x" | "g" = "x",
): TarEntry {
  const pairs = Array.isArray(records) ? records : Object.entries(records);
  const body = Buffer.concat(pairs.map(([keyword, value]) => paxRecord(keyword, value)));
  return { name: "PaxHeaders/x", type, body };
}

export function paxRecord(keyword: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([
    Buffer.from(` ${keyword}=`, "latin1"),
    Buffer.from(value as string),
    Buffer.from("\n"),
  ]);
  let length = rest.length;
  while (length !== rest.length + String(length).length)
    length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** Returns a GNU long name. */
export function longName(name: string, type: "L" | "K" = "L"): TarEntry {
  return { name: "././@LongLink", type, magic: "ustar  \0", body: `${name}\0` };
}

/** Returns a number in base 256. */
export function base256(value: bigint, bytes: number): Buffer {
  const field = Buffer.alloc(bytes);
  let left = BigInt.asUintN(8 * bytes, value);
  for (let at = bytes - 1; at >= 0; at--) {
    field[at] = Number(left & 0xffn);
    left >>= 8n;
  }
  if (value >= 0n) field[0] = 0x80;
  return field;
}

/** Returns bytes up to a whole block. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([
    bytes,
    Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES),
  ]);
}

function header(fields: HeaderFields, bodyBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const put = (value: string | Buffer, at: number, bytes: number) =>
    void Buffer.from(value as string).copy(block, at, 0, bytes);
  put(fields.name ?? "file", 0, 100);
  put(fields.mode ?? "0000644\0", 100, 8);
  put(fields.uid ?? "0000000\0", 108, 8);
  put(fields.gid ?? "0000000\0", 116, 8);
  put(fields.size ?? `${bodyBytes.toString(8).padStart(11, "0")}\0`, 124, 12);
  put(fields.mtime ?? "00000000000\0", 136, 12);
  put(fields.type ?? "0", 156, 1);
  put(fields.linkName ?? "", 157, 100);
  put(fields.magic ?? "ustar\x0000", 257, 8);
  put(fields.devmajor ?? "", 329, 8);
  put(fields.devminor ?? "", 337, 8);
  put(fields.prefix ?? "", 345, 155);
  for (const [at, bytes] of fields.patch ?? []) bytes.copy(block, at);
  block.fill(" ", 148, 156);
  const sum = block.reduce(
    (total, byte) => total + (fields.checksum === "signed" ? (byte << 24) >> 24 : byte),
    0,
  );
  const isGiven = fields.checksum !== undefined && fields.checksum !== "signed";
  put(isGiven ? (fields.checksum as string) : `${sum.toString(8).padStart(6, "0")}\0 `, 148, 8);
  return block;
}
