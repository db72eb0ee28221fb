/**
 * Plan image: reads a source and says which inodes an image has, with what is in them and which bytes are to be
 * copied. Where they lie comes later.
 *
 * All inodes are held in memory, some 0.4 KB each; of the files' bytes none are read.
 */
import type { EntryAttributes, FileEntry, Xattr } from "../model/entry.js";
import { NO_ATTRIBUTES } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import { REPORT_LIST_MAX } from "../model/limits.js";
import { pathOfNames } from "../model/tree-path.js";
import { makeDeviceNumber } from "../system/device-number.js";
import type { ChunkNumbers } from "./chunk-numbers.js";
import type { PackedDirectory } from "./directory-codec.js";
import { packDirectory } from "./directory-codec.js";
import { FileBodies } from "./file-bodies.js";
import type { ImageInode, InodeBody } from "./image-inode.js";
import { FILE_TYPES } from "./image-inode.js";
import type { ImageDirectory, ImageEntry, ImageItem, ImageSource } from "./image-source.js";
import type { CompactTime } from "./inode-codec.js";
import { inlineBytesMax } from "./inode-codec.js";
import { MajorityTime } from "./majority-time.js";
import { escapeOverlayXattrs, markOpaque } from "./overlay-xattrs.js";
import { encodeXattrs } from "./xattr-codec.js";

/** The kernel's NAME_MAX and EROFS's. */
const NAME_BYTES_MAX = 255;
/** A longer target is more than the kernel would follow (PATH_MAX). */
const TARGET_BYTES_MAX = 4095;

/** An extended attribute that the format has no place for. */
export interface OmittedXattr {
  /** Relative to the root; of an inode with several names, one of them. */
  readonly path: Buffer;
  readonly xattr: Buffer;
}

/** What an image consists of. */
export interface ImagePlan {
  /** The root first; what is in a directory stays together. */
  readonly inodes: readonly ImageInode[];
  readonly directories: readonly PackedDirectory[];
  /** The mtime that most inodes have. */
  readonly time: CompactTime;
  readonly bodies: FileBodies;
  readonly omittedXattrs: readonly OmittedXattr[];
  /** How many were left out; the list may be shorter. */
  readonly omittedXattrCount: number;
}

/** What an image is for. */
export interface PlanOptions {
  /** Whether the bytes of large files stay in the packs. */
  readonly mapsPacks: boolean;
  /** Whether overlayfs will read it: attributes that would mean something to it are escaped. */
  readonly isLayer: boolean;
}

/** Plans an image; yields now and then, for others to get a turn. */
export function* planImage(
  source: ImageSource,
  index: ChunkNumbers,
  options: PlanOptions,
): Generator<void, ImagePlan> {
  const planner = new Planner(index, options);
  const root = planner.addDirectory(source.root, undefined);
  const pending = [
    { directory: source.root, inode: root, parent: root, place: undefined as Place },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const found = yield* planner.fill(next.directory, next.inode, next.parent, next.place);
    const parent = next.inode;
    // The last one first, since the next is taken from the end.
    for (const child of found.reverse()) pending.push({ ...child, parent });
  }
  return planner.finish();
}

/** In a directory of so many names others get a turn meanwhile; these take some milliseconds. */
const NAMES_A_TURN = 256;

/** Where a directory is; `undefined` for the root. A path is made of it only when one is asked for. */
type Place = { readonly above: Place; readonly name: Buffer } | undefined;

/** A directory whose names are still to be added. */
interface FoundDirectory {
  readonly directory: ImageDirectory;
  readonly inode: ImageInode;
  readonly place: Place;
}

class Planner {
  readonly #options: PlanOptions;
  readonly #inodes: ImageInode[] = [];
  readonly #directories: PackedDirectory[] = [];
  readonly #links = new Map<number, ImageInode>();
  readonly #bodies: FileBodies;
  readonly #time = new MajorityTime();
  readonly #omitted: OmittedXattr[] = [];
  #omittedCount = 0;
  /** Of the directory that is being filled. */
  #place: Place;
  #whiteout: ImageInode | undefined;

  constructor(index: ChunkNumbers, options: PlanOptions) {
    this.#options = options;
    this.#bodies = new FileBodies(index, options.mapsPacks);
  }

  finish(): ImagePlan {
    return {
      inodes: this.#inodes,
      directories: this.#directories,
      time: this.#time.found,
      bodies: this.#bodies,
      omittedXattrs: this.#omitted,
      omittedXattrCount: this.#omittedCount,
    };
  }

  addDirectory(directory: ImageDirectory, parent: ImageInode | undefined): ImageInode {
    const xattrs = directory.isOpaque ? markOpaque : (given: readonly Xattr[]) => given;
    const inode = this.#add(FILE_TYPES.directory, directory.attributes, xattrs);
    // Its own name and `.`, and `..` of each directory in it.
    inode.linkCount = 2;
    if (parent !== undefined) parent.linkCount++;
    return inode;
  }

  /** Adds what is in a directory, and returns the directories among it. */
  *fill(
    directory: ImageDirectory,
    self: ImageInode,
    parent: ImageInode,
    place: Place,
  ): Generator<void, FoundDirectory[]> {
    this.#place = place;
    const names: Buffer[] = [];
    const inodes: ImageInode[] = [];
    const directories: FoundDirectory[] = [];
    for (const item of directory.items()) {
      const name = itemName(item);
      if (names.length % NAMES_A_TURN === 0) yield;
      if (name.length > NAME_BYTES_MAX)
        throw unsupported(name, `its name has ${name.length} bytes`);
      names.push(name);
      if (item.kind === "directory") {
        const inode = this.addDirectory(item.directory, self);
        inodes.push(inode);
        directories.push({ directory: item.directory, inode, place: { above: place, name } });
      } else if (item.kind === "whiteout") inodes.push(this.#addWhiteout());
      else inodes.push(this.#addEntry(item.entry, item.link));
    }
    const packed = packDirectory(names, inodes, self, parent);
    self.body = { form: "directory", directory: packed };
    self.sizeBytes = packed.sizeBytes;
    this.#directories.push(packed);
    return directories;
  }

  #addEntry(entry: ImageEntry, link: number | undefined): ImageInode {
    const known = link === undefined ? undefined : this.#links.get(link);
    if (known !== undefined) {
      known.linkCount++;
      return known;
    }
    const inode = this.#add(fileType(entry), entry);
    this.#setBody(inode, entry);
    if (link !== undefined) this.#links.set(link, inode);
    return inode;
  }

  /** One inode is enough for all of them: nobody looks at it. */
  #addWhiteout(): ImageInode {
    if (this.#whiteout !== undefined) this.#whiteout.linkCount++;
    return (this.#whiteout ??= this.#add(FILE_TYPES.characterDevice, NO_ATTRIBUTES));
  }

  #add(
    type: number,
    attributes: EntryAttributes,
    addXattrs: (given: readonly Xattr[]) => readonly Xattr[] = (given) => given,
  ): ImageInode {
    const { mode, uid, gid, mtimeSeconds, mtimeNanoseconds } = attributes;
    this.#time.add(mtimeSeconds, mtimeNanoseconds);
    const given = this.#options.isLayer
      ? escapeOverlayXattrs(attributes.xattrs)
      : attributes.xattrs;
    const inode: ImageInode = {
      mode: type | mode,
      uid,
      gid,
      mtimeSeconds,
      mtimeNanoseconds,
      xattrs: this.#encode(addXattrs(given), attributes.name),
      sizeBytes: 0,
      linkCount: 1,
      body: NO_BODY,
      isCompact: false,
      position: 0,
    };
    this.#inodes.push(inode);
    return inode;
  }

  #encode(xattrs: readonly Xattr[], name: Buffer): Buffer {
    if (xattrs.length === 0) return EMPTY;
    const { bytes, omitted } = encodeXattrs(xattrs);
    this.#omittedCount += omitted.length;
    for (const xattr of omitted)
      if (this.#omitted.length < REPORT_LIST_MAX)
        this.#omitted.push({ path: pathOf({ above: this.#place, name }), xattr });
    return bytes;
  }

  #setBody(inode: ImageInode, entry: ImageEntry): void {
    switch (entry.kind) {
      case "file":
        inode.sizeBytes = entry.sizeBytes;
        inode.body = this.#bodies.ofFile(entry as FileEntry, inlineBytesMax(inode));
        return;
      case "symlink":
        if (entry.target.length > TARGET_BYTES_MAX || entry.target.length === 0)
          throw unsupported(entry.name, `its target has ${entry.target.length} bytes`);
        inode.sizeBytes = entry.target.length;
        inode.body = this.#bodies.ofBytes(entry.target, inlineBytesMax(inode));
        return;
      case "fifo":
        return;
      default:
        inode.body = { form: "none", deviceNumber: makeDeviceNumber(entry) };
    }
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
const NO_BODY: InodeBody = { form: "none", deviceNumber: 0 };

function fileType({ kind }: ImageEntry): number {
  switch (kind) {
    case "character-device":
      return FILE_TYPES.characterDevice;
    case "block-device":
      return FILE_TYPES.blockDevice;
    default:
      return FILE_TYPES[kind];
  }
}

function pathOf(place: Place): Buffer {
  const names: Buffer[] = [];
  for (let at = place; at !== undefined; at = at.above) names.push(at.name);
  return pathOfNames(names.reverse());
}

function itemName(item: ImageItem): Buffer {
  if (item.kind === "entry") return item.entry.name;
  return item.kind === "whiteout" ? item.name : item.directory.attributes.name;
}

function unsupported(name: Buffer, what: string): CoppiceError {
  return new CoppiceError(
    "UNSUPPORTED",
    `Cannot put ${name} into an image: ${what}, which EROFS cannot hold`,
    { path: name.toString() },
  );
}
