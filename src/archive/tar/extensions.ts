/**
 * Extensions: what stands before a header and says what that has no room for.
 *
 * What is said in records (x) goes before what is said for all (g), and that before the header. GNU's long names stand
 * alone: with a path in records too, readers would disagree.
 */
import type { Xattr } from "../../model/entry.js";
import type { InputQueue } from "../bytes/input-queue.js";
import { paxNumber, paxRecords, paxTime } from "./pax-records.js";
import { isXattrKeyword, paxXattrs } from "./pax-xattrs.js";
import { decimal, mapPairs } from "./sparse-map.js";
import type { TarHeader } from "./tar-header.js";
import { BLOCK_BYTES, ID_MAX, TYPES } from "./tar-header.js";
import { tarNumber } from "./tar-number.js";

/** Of the records before one entry, and of all global ones together: extended attributes have at most 64 KiB each. */
const RECORDS_BYTES_MAX = 1024 * 1024;
/** Of a GNU long name: sixteen times what the kernel takes as a path. */
const LONG_NAME_BYTES_MAX = 64 * 1024;

/** Keywords that are read, or that say nothing of the file that a snapshot tells: not worth a word. */
const KNOWN = new Set(
  (
    "path linkpath size uid gid mtime uname gname atime ctime comment charset hdrcharset " +
    "SCHILY.devmajor SCHILY.devminor SCHILY.dev SCHILY.ino SCHILY.nlink SCHILY.filetype " +
    "LIBARCHIVE.creationtime LIBARCHIVE.symlinktype " +
    "GNU.sparse.major GNU.sparse.minor GNU.sparse.name GNU.sparse.realsize GNU.sparse.size " +
    "GNU.sparse.numblocks GNU.sparse.offset GNU.sparse.numbytes GNU.sparse.map"
  ).split(" "),
);

type Damaged = (state: string) => Error;
type Records = Map<string, Buffer>;

/** What records and header say of an entry. */
interface Attributes {
  readonly sizeBytes: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly major: number;
  readonly minor: number;
}

export class Extensions {
  readonly #input: InputQueue;
  readonly #damaged: Damaged;
  /** What holds for all entries from now on. */
  readonly #global: Records = new Map();
  #own: Records | undefined;
  #longName: Buffer | undefined;
  #longLink: Buffer | undefined;
  /** Of pax 0.0, whose keywords come again and again. */
  #pairs: number[] = [];

  /** @param damaged returns the error for an extension that is none */
  constructor(input: InputQueue, damaged: Damaged) {
    this.#input = input;
    this.#damaged = damaged;
  }

  /** Begins with another entry. */
  begin(): void {
    this.#own = this.#longName = this.#longLink = undefined;
    if (this.#pairs.length > 0) this.#pairs = [];
  }

  /** Whether none stood before the header, but for what holds for all entries. */
  get isEmpty(): boolean {
    return (this.#own ?? this.#longName ?? this.#longLink) === undefined;
  }

  /** Whether there are records that an entry goes by. */
  get hasRecords(): boolean {
    return this.#own !== undefined || this.#global.size > 0;
  }

  /** Reads an extension, where a header is one's. */
  *take({ type, sizeBytes }: TarHeader): Generator<void, boolean> {
    switch (type) {
      case TYPES.extended:
      case TYPES.oldExtended: {
        if (this.#own !== undefined) throw this.#damaged("has two extended headers");
        this.#own = new Map();
        this.#read(yield* this.#bodyOf(sizeBytes, RECORDS_BYTES_MAX), this.#own);
        // POSIX has these take back what the header says; to GNU tar such a path is none.
        if (["path", "linkpath", "size"].some((each) => this.#own?.get(each)?.length === 0))
          throw this.#damaged("has an extended header with an empty path or size");
        return true;
      }
      case TYPES.globalExtended: {
        this.#read(yield* this.#bodyOf(sizeBytes, RECORDS_BYTES_MAX), this.#global);
        let bytes = 0;
        for (const [keyword, value] of this.#global) bytes += keyword.length + value.length;
        if (bytes > RECORDS_BYTES_MAX) throw this.#damaged("has too much in global headers");
        return true;
      }
      case TYPES.longName:
        if (this.#longName !== undefined) throw this.#damaged("has two long names");
        this.#longName = ended(yield* this.#bodyOf(sizeBytes, LONG_NAME_BYTES_MAX));
        return true;
      case TYPES.longLink:
        if (this.#longLink !== undefined) throw this.#damaged("has two long names of its link");
        this.#longLink = ended(yield* this.#bodyOf(sizeBytes, LONG_NAME_BYTES_MAX));
        return true;
      default:
        return false;
    }
  }

  /** Returns the path, and that of a link. */
  names({ name, linkName }: TarHeader): { readonly path: Buffer; readonly linkPath: Buffer } {
    const path = this.#record("GNU.sparse.name") ?? this.#record("path");
    const linkPath = this.#record("linkpath");
    if (path !== undefined && this.#longName !== undefined)
      throw this.#damaged("has a long name in two forms");
    if (linkPath !== undefined && this.#longLink !== undefined)
      throw this.#damaged("has a long name of its link in two forms");
    return {
      path: path ?? this.#longName ?? name,
      linkPath: linkPath ?? this.#longLink ?? linkName,
    };
  }

  attributes(header: TarHeader, damaged: Damaged): Attributes {
    if (!this.hasRecords) return { ...header, mtimeNanoseconds: 0 };
    const number = (keyword: string, own: number, max: number): number => {
      const value = this.#record(keyword);
      if (value === undefined) return own;
      const parsed = paxNumber(value);
      if (parsed === undefined || parsed > max) throw damaged(`has an impossible ${keyword}`);
      return parsed;
    };
    const time = this.#record("mtime");
    const moment = time && paxTime(time);
    if (time !== undefined && moment === undefined) throw damaged("has an impossible mtime");
    return {
      sizeBytes: number("size", header.sizeBytes, Number.MAX_SAFE_INTEGER),
      uid: number("uid", header.uid, ID_MAX),
      gid: number("gid", header.gid, ID_MAX),
      mtimeSeconds: moment?.seconds ?? header.mtimeSeconds,
      mtimeNanoseconds: moment?.nanoseconds ?? 0,
      major: number("SCHILY.devmajor", header.major, ID_MAX),
      minor: number("SCHILY.devminor", header.minor, ID_MAX),
    };
  }

  /** Returns the extended attributes. @param drop takes the keywords that there is no place for */
  xattrs(drop: (keyword: string) => void): Xattr[] {
    const own = this.#own;
    const merged =
      this.#global.size === 0 ? (own ?? this.#global) : new Map([...this.#global, ...(own ?? [])]);
    const found: (readonly [string, Buffer])[] = [];
    for (const record of merged) {
      const [keyword, value] = record;
      if (isXattrKeyword(keyword)) found.push(record);
      else if (!KNOWN.has(keyword) && value.length > 0 && own?.has(keyword) === true) drop(keyword);
    }
    return found.length === 0 ? [] : paxXattrs(found, drop);
  }

  /** Returns what records say of holes; without pairs these stand before the data. */
  sparse(
    damaged: Damaged,
  ): { readonly sizeBytes: number; readonly pairs: readonly number[] | undefined } | undefined {
    const major = this.#record("GNU.sparse.major")?.toString("latin1");
    const minor = this.#record("GNU.sparse.minor")?.toString("latin1");
    const map = this.#record("GNU.sparse.map");
    const blocks = this.#record("GNU.sparse.numblocks");
    const isSparse = (major ?? map ?? blocks) !== undefined;
    if (!isSparse) return undefined;
    const size = this.#record("GNU.sparse.realsize") ?? this.#record("GNU.sparse.size");
    const sizeBytes = size && paxNumber(size);
    if (sizeBytes === undefined) throw damaged("is sparse and does not tell its size");
    if (major === "1" && minor === "0") return { sizeBytes, pairs: undefined };
    if (major !== undefined && major !== "0")
      throw damaged("is sparse in a form that is not known");
    const pairs = map === undefined ? this.#pairs : mapPairs(map, damaged);
    if (blocks !== undefined && paxNumber(blocks) !== pairs.length / 2)
      throw damaged("has a sparse map of another length than it says");
    return { sizeBytes, pairs };
  }

  /** Returns the size of a file with holes that an old GNU header tells. */
  oldSparseBytes(block: Buffer, damaged: Damaged): number {
    const sizeBytes = tarNumber(block, 483, 495);
    if (sizeBytes === undefined || sizeBytes < 0)
      throw damaged("is sparse and does not tell its size");
    return sizeBytes;
  }

  *#bodyOf(sizeBytes: number, max: number): Generator<void, Buffer> {
    if (sizeBytes > max)
      throw this.#damaged(`has an extended header of ${sizeBytes} bytes, more than ${max}`);
    const padded = Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
    if (!(yield* this.#input.need(padded))) throw this.#damaged("is cut off in an extended header");
    const body = this.#input.take(padded);
    // It must outlast the bytes that it came with, which may be used again.
    return Buffer.from(body.subarray(0, sizeBytes));
  }

  #read(body: Buffer, records: Records): void {
    for (const { keyword, value } of paxRecords(body, this.#damaged)) {
      records.set(keyword, value);
      if (keyword !== "GNU.sparse.offset" && keyword !== "GNU.sparse.numbytes") continue;
      if (this.#pairs.length % 2 !== (keyword === "GNU.sparse.offset" ? 0 : 1))
        throw this.#damaged("has a sparse map out of order");
      this.#pairs.push(decimal(value.toString("latin1"), this.#damaged));
    }
  }

  /** Returns a value; one of the entry's own that is empty takes all others back. */
  #record(keyword: string): Buffer | undefined {
    const value = this.#own?.get(keyword) ?? this.#global.get(keyword);
    return value === undefined || value.length === 0 ? undefined : value;
  }
}

/** Returns a name up to its NUL; where there is more than NULs behind it, all of it, to be refused. */
function ended(name: Buffer): Buffer {
  const nul = name.indexOf(0);
  if (nul < 0) return name;
  return name.subarray(nul).every((byte) => byte === 0) ? name.subarray(0, nul) : name;
}
