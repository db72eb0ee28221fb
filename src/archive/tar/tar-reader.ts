/**
 * Tar reader: the entries of a tar archive, in all its formats: v7, ustar, GNU, pax.
 *
 *     archive = entry* end
 *     entry   = extension* header body
 *     end     = two blocks of zeros, and whatever follows; or the end of the bytes
 *
 * Extensions are headers of their own with a body: GNU's long names (L, K), records for one entry (x) or for all that
 * follow (g). They speak of the entry behind them and never of one another: a size in a record is not that of a long name
 * (GHSA-3cv2-h65g-fgmm).
 *
 * Strict where readers disagree, since who looked at the archive with another one would have seen other files: an entry
 * without content has no body, there is one extension of a kind, one long name, no lone block of zeros.
 */
import type { Xattr } from "../../model/entry.js";
import type { ArchiveEntry, ArchiveEntryKind, ArchiveReader } from "../archive-entry.js";
import { archiveDamaged, archiveUnsafe } from "../archive-error.js";
import { EntryBody } from "../bytes/entry-body.js";
import type { InputQueue } from "../bytes/input-queue.js";
import { Extensions } from "./extensions.js";
import { checkedSegments, readOldPairs, readPairs } from "./sparse-map.js";
import type { TarHeader } from "./tar-header.js";
import { BLOCK_BYTES, isZeroBlock, readHeader, TYPES } from "./tar-header.js";

const KINDS: Readonly<Record<number, ArchiveEntryKind>> = {
  [TYPES.oldFile]: "file",
  [TYPES.file]: "file",
  [TYPES.contiguousFile]: "file",
  [TYPES.sparseFile]: "file",
  [TYPES.hardLink]: "hard-link",
  [TYPES.symlink]: "symlink",
  [TYPES.characterDevice]: "character-device",
  [TYPES.blockDevice]: "block-device",
  [TYPES.directory]: "directory",
  [TYPES.dumpedDirectory]: "directory",
  [TYPES.fifo]: "fifo",
};

const NO_XATTRS: readonly Xattr[] = [];
const NO_BYTES = Buffer.alloc(0);
const SLASH = 0x2f;

export class TarReader implements ArchiveReader {
  readonly #input: InputQueue;
  readonly #extensions: Extensions;
  #number = 0;
  #body: EntryBody | undefined;
  /** Bytes behind the body, up to a whole block. */
  #paddingBytes = 0;

  constructor(input: InputQueue) {
    this.#input = input;
    this.#extensions = new Extensions(input, (state) => this.#damaged(state));
  }

  *next(): Generator<void, ArchiveEntry | undefined> {
    yield* this.#skipBody();
    this.#number++;
    const extensions = this.#extensions;
    extensions.begin();
    for (;;) {
      const block = yield* this.#block(extensions.isEmpty);
      if (block === undefined) return undefined;
      const header = readHeader(block, (state) => this.#damaged(state));
      if (yield* extensions.take(header)) continue;
      if (header.type === TYPES.volumeName) {
        yield* this.#skip(paddedBytes(header.sizeBytes));
        continue;
      }
      return yield* this.#entry(header, block);
    }
  }

  /** Returns the next header's block; `undefined` at the archive's end. */
  *#block(isBetween: boolean): Generator<void, Buffer | undefined> {
    const input = this.#input;
    if (!(yield* input.need(BLOCK_BYTES))) {
      if (input.position === 0 && input.available === 0)
        throw archiveDamaged("is empty: it has no bytes");
      if (input.available > 0) throw this.#damaged("is cut off in its header");
      if (!isBetween) throw this.#damaged("is missing behind an extended header");
      return undefined;
    }
    const block = input.take(BLOCK_BYTES);
    if (!isZeroBlock(block)) return block;
    if (!isBetween) throw this.#damaged("is missing behind an extended header");
    if (yield* input.need(BLOCK_BYTES)) {
      if (!isZeroBlock(input.take(BLOCK_BYTES)))
        throw this.#damaged("stands behind a lone block of zeros, which is the end for some");
    }
    return undefined;
  }

  *#entry(header: TarHeader, block: Buffer): Generator<void, ArchiveEntry> {
    const extensions = this.#extensions;
    const names = extensions.names(header);
    const place = { number: this.#number, path: names.path };
    const damaged = (state: string) => archiveDamaged(state, place);
    if (names.path.includes(0) || names.linkPath.includes(0))
      throw archiveUnsafe("nul-in-name", "has a NUL in a name, where some end it", place);
    const attributes = extensions.attributes(header, damaged);
    const kind = kindOf(header, names.path, attributes.sizeBytes, extensions.hasRecords, damaged);
    const body =
      kind === "file"
        ? yield* this.#fileBody(header, block, attributes.sizeBytes, damaged)
        : undefined;
    this.#body = body;
    if (header.type === TYPES.dumpedDirectory) yield* this.#skip(paddedBytes(attributes.sizeBytes));
    const dropped: string[] = [];
    const xattrs = extensions.hasRecords
      ? extensions.xattrs((keyword) => dropped.push(keyword))
      : NO_XATTRS;
    return {
      number: this.#number,
      kind,
      path: names.path,
      target: kind === "symlink" || kind === "hard-link" ? names.linkPath : NO_BYTES,
      mode: header.mode,
      uid: attributes.uid,
      gid: attributes.gid,
      mtimeSeconds: attributes.mtimeSeconds,
      mtimeNanoseconds: attributes.mtimeNanoseconds,
      xattrs,
      major: attributes.major,
      minor: attributes.minor,
      body,
      dropped,
    };
  }

  *#fileBody(
    header: TarHeader,
    block: Buffer,
    storedBytes: number,
    damaged: (state: string) => Error,
  ): Generator<void, EntryBody> {
    this.#paddingBytes = paddedBytes(storedBytes) - storedBytes;
    const onCut = () => damaged("is cut off");
    const body = (mapBytes: number, sizeBytes: number, pairs: readonly number[]) => {
      const dataBytes = storedBytes - mapBytes;
      const segments = checkedSegments(pairs, dataBytes, sizeBytes, damaged);
      return new EntryBody(this.#input, dataBytes, onCut, { sizeBytes, segments });
    };
    if (header.type === TYPES.sparseFile) {
      if (header.format !== "gnu") throw damaged("is sparse in a form that is not known");
      const pairs = yield* readOldPairs(block, this.#input, damaged);
      return body(0, this.#extensions.oldSparseBytes(block, damaged), pairs);
    }
    const sparse = this.#extensions.sparse(damaged);
    if (sparse === undefined) return new EntryBody(this.#input, storedBytes, onCut);
    if (sparse.pairs !== undefined) return body(0, sparse.sizeBytes, sparse.pairs);
    const { pairs, mapBytes } = yield* readPairs(this.#input, storedBytes, damaged);
    return body(mapBytes, sparse.sizeBytes, pairs);
  }

  *#skipBody(): Generator<void, void> {
    if (this.#body === undefined) return;
    const left = this.#body.storedLeft + this.#paddingBytes;
    if (left > 0) yield* this.#skip(left);
    this.#body = undefined;
    this.#paddingBytes = 0;
  }

  *#skip(bytes: number): Generator<void, void> {
    if (!(yield* this.#input.skip(bytes))) throw this.#damaged("is cut off");
  }

  #damaged(state: string): Error {
    return archiveDamaged(state, { number: this.#number });
  }
}

/** Returns how many bytes whole blocks have. */
function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Returns what an entry is; where readers disagree on where its body ends, it is refused. */
function kindOf(
  { type }: TarHeader,
  path: Buffer,
  sizeBytes: number,
  hasRecords: boolean,
  damaged: (state: string) => Error,
): ArchiveEntryKind {
  const kind = KINDS[type];
  if (kind === undefined)
    throw damaged(`is of the unknown type ${JSON.stringify(String.fromCharCode(type))}`);
  if (kind === "file") {
    if (path.at(-1) !== SLASH) return kind;
    // As v7 had directories; so do GNU tar and others take them.
    if (sizeBytes > 0) throw damaged("has a directory's name and a file's content");
    return "directory";
  }
  // Old tars put the size of the linked file there: a link has no body, for all but libarchive, and for that in pax alone.
  const hasBody = kind === "hard-link" ? hasRecords : type !== TYPES.dumpedDirectory;
  if (sizeBytes > 0 && hasBody) throw damaged(`is a ${kind} with a content of ${sizeBytes} bytes`);
  return kind;
}
