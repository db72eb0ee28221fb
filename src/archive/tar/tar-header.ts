/**
 * Tar header: the block of 512 bytes that stands before each entry.
 *
 *     offset  bytes  field       what it is
 *          0    100  name        up to its end or a NUL; a slash at the end tells a directory
 *        100      8  mode        permission bits; some writers add those of the kind
 *        108      8  uid
 *        116      8  gid
 *        124     12  size        bytes of the body, which is padded to whole blocks
 *        136     12  mtime       seconds since 1970
 *        148      8  chksum      sum of all bytes of the block, these eight counted as spaces
 *        156      1  typeflag    see `TYPES`
 *        157    100  linkname    as name
 *        257      8  magic       "ustar\0" and "00" (POSIX), "ustar  \0" (GNU), anything else (v7)
 *        265     32  uname       not used: numbers are what counts
 *        297     32  gname       not used
 *        329      8  devmajor    of devices
 *        337      8  devminor    of devices
 *
 *        345    155  prefix      POSIX alone: a directory that goes before the name; 131 bytes in star's variant, which
 *                                has "tar\0" at 508
 *
 *        345     24  times       GNU alone: atime and ctime, not used
 *        369     17  ...         GNU alone: of multi-volume archives, not used
 *        386     96  sparse      GNU, type S: four times an offset and a length, of 12 bytes each
 *        482      1  isextended  GNU, type S: whether a block with more of them follows
 *        483     12  realsize    GNU, type S: bytes of the file with its holes
 *
 * Numbers are those of tar-number. Sources: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar
 * Format"; star(5), "tar header".
 */
import { tarNumber } from "./tar-number.js";

export const BLOCK_BYTES = 512;

/** The type flags that are read, as bytes. */
export const TYPES = {
  oldFile: 0,
  file: 0x30, // 0
  hardLink: 0x31, // 1
  symlink: 0x32, // 2
  characterDevice: 0x33, // 3
  blockDevice: 0x34, // 4
  directory: 0x35, // 5
  fifo: 0x36, // 6
  contiguousFile: 0x37, // 7
  /** GNU's directory with a list of its names, of incremental archives. */
  dumpedDirectory: 0x44, // D
  longLink: 0x4b, // K
  longName: 0x4c, // L
  sparseFile: 0x53, // S
  volumeName: 0x56, // V
  /** As Solaris had it before POSIX took it over. */
  oldExtended: 0x58, // X
  globalExtended: 0x67, // g
  extended: 0x78, // x
} as const;

/** A header as it stands in its block; what does not fit was refused. */
export interface TarHeader {
  readonly format: "v7" | "posix" | "gnu";
  readonly type: number;
  /** With the prefix. */
  readonly name: Buffer;
  readonly linkName: Buffer;
  /** 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly major: number;
  readonly minor: number;
}

/** Returns whether a block is zeros only. */
export function isZeroBlock(block: Buffer): boolean {
  return block[0] === 0 && block.equals(ZEROS);
}

/**
 * Returns what a header says.
 *
 * @param damaged returns the error for a header that says something impossible
 */
export function readHeader(block: Buffer, damaged: (state: string) => Error): TarHeader {
  if (!isChecksumRight(block)) throw damaged("has a header whose checksum does not fit it");
  const number = (field: keyof typeof NUMBERS, min = 0, max = Number.MAX_SAFE_INTEGER) => {
    const [start, end] = NUMBERS[field];
    const value = tarNumber(block, start, end);
    if (value === undefined) throw damaged(`has no number for its ${field}`);
    if (value < min || value > max) throw damaged(`has an impossible ${field}, ${value}`);
    return value;
  };
  const type = block[156] as number;
  const format = formatOf(block);
  const isDevice = type === TYPES.characterDevice || type === TYPES.blockDevice;
  return {
    format,
    type,
    name: format === "posix" ? prefixed(block) : text(block, 0, 100),
    linkName: text(block, 157, 257),
    mode: number("mode") % 0o10000,
    uid: number("uid", 0, ID_MAX),
    gid: number("gid", 0, ID_MAX),
    sizeBytes: number("size"),
    mtimeSeconds: number("mtime", -Number.MAX_SAFE_INTEGER),
    major: isDevice ? number("devmajor", 0, ID_MAX) : 0,
    minor: isDevice ? number("devminor", 0, ID_MAX) : 0,
  };
}

/** Of users, groups and device numbers. */
export const ID_MAX = 0xffff_ffff;

const ZEROS = Buffer.alloc(BLOCK_BYTES);

const NUMBERS = {
  mode: [100, 108],
  uid: [108, 116],
  gid: [116, 124],
  size: [124, 136],
  mtime: [136, 148],
  devmajor: [329, 337],
  devminor: [337, 345],
} as const;

const CHECKSUM_START = 148;
const CHECKSUM_END = 156;
const SPACE = 0x20;

/** Old tars summed bytes as signed ones: both sums are right. */
function isChecksumRight(block: Buffer): boolean {
  const stored = tarNumber(block, CHECKSUM_START, CHECKSUM_END);
  let sum = SPACE * (CHECKSUM_END - CHECKSUM_START);
  let high = 0;
  for (let at = 0; at < BLOCK_BYTES; at++) {
    if (at === CHECKSUM_START) at = CHECKSUM_END;
    const byte = block[at] as number;
    sum += byte;
    high += byte >> 7;
  }
  return stored === sum || stored === sum - 256 * high;
}

function formatOf(block: Buffer): TarHeader["format"] {
  if (block.toString("latin1", 257, 262) !== "ustar") return "v7";
  return block[262] === SPACE ? "gnu" : "posix";
}

function prefixed(block: Buffer): Buffer {
  const isStar = block.toString("latin1", 508, 512) === "tar\0";
  const name = text(block, 0, 100);
  if (block[345] === 0) return name;
  return Buffer.concat([text(block, 345, isStar ? 476 : 500), SLASH, name]);
}

const SLASH = Buffer.from("/");

/** Returns the bytes of a field up to a NUL. */
function text(block: Buffer, start: number, end: number): Buffer {
  const nul = block.indexOf(0, start);
  return block.subarray(start, nul < 0 || nul > end ? end : nul);
}
