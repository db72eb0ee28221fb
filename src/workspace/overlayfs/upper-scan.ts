/**
 * Upper scan: the tree of what an overlay shows, from the tree of the layers below and what its upper directory
 * changes.
 *
 * Costs a look at each name of the upper directory; directories are opened only where something in them is not as it
 * was seen before, and only files that were touched are read. Of the layers below, only the directories are read in
 * which something is another.
 *
 * Invariants:
 * (U1) What was seen before is the very object that comes back, if nothing below it changed.
 * (U2) A directory's tree is edited from the one seen before only where it shows the same directory below.
 * (U3) Content is read through descriptors of directories that were checked on the way, never by path: a program may
 *      swap a directory for a link meanwhile.
 *
 * Programs may be at work meanwhile. Each file is read between two looks at its status that agree; where what was
 * listed is not there any more, the scan fails with an error for which `isRace` holds.
 */

import { visibleXattrs } from "../../image/overlay-xattrs.js";
import type { DirectoryEntry } from "../../model/entry.js";
import type { ChunkSink } from "../../scan/chunk-pipeline.js";
import { attributes, specialRecord, UnstableFileError } from "../../scan/entry-reader.js";
import { FileStatus } from "../../scan/file-status.js";
import type { KnownChunks } from "../../scan/known-chunks.js";
import { OmittedNames } from "../../scan/omitted-names.js";
import { displayPath, joinPath, pathBytes, SourceDirectory } from "../../scan/source-directory.js";
import { identityOf, LANES, lanesEqual } from "../../scan/stat-lanes.js";
import { StatusReader } from "../../scan/status-reader.js";
import { VANISHED } from "../../scan/unreadable.js";
import type { SystemPath } from "../../system/system-path.js";
import type { RecordEdits } from "../../tree/edit-tree.js";
import { editTree } from "../../tree/edit-tree.js";
import { decodeEntry, encodeEntry, setDirectoryTree } from "../../tree/entry-codec.js";
import { buildLinks } from "../../tree/link-tree.js";
import type { EncodedNode } from "../../tree/node-codec.js";
import { encodeRoot } from "../../tree/node-codec.js";
import type { Root } from "../../tree/root.js";
import type { NodeSink } from "../../tree/tree-builder.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { findRecord } from "../../tree/tree-reader.js";
import type { Draft } from "./directory-draft.js";
import {
  addChild,
  copyOf,
  editsOf,
  emptyDraft,
  hasLinked,
  positionIn,
  showsSame,
} from "./directory-draft.js";
import { OmittedBelow } from "./omitted-below.js";
import type { SeenDirectory } from "./seen-directory.js";
import { Listing } from "./seen-directory.js";
import { TouchedNames } from "./touched-names.js";
import type { UpperFiles } from "./upper-files.js";
import { upperLinks } from "./upper-links.js";
import type { Below, UpperPlace } from "./upper-place.js";
import { LowerTree } from "./upper-place.js";

/** What is scanned. */
export interface UpperLayer {
  /** The upper directory. */
  readonly path: string;
  /** The tree of the layers below it. */
  readonly base: Root;
  /** Tells whether the times in it tell each change that comes after a look (see probe-times). */
  readonly tellsEachChange: () => boolean;
  /** The paths that are left out (model/omitted-paths). */
  readonly omit: readonly string[];
}

/** Where what is found goes. */
export interface UpperScanStore {
  /** Has the objects of the base, and those of what was seen before. */
  readonly objects: ObjectSource;
  readonly known: KnownChunks;
  readonly sink: ChunkSink;
  readonly nodes: NodeSink;
}

/** What an overlay shows. */
export interface UpperScanResult {
  readonly root: EncodedNode;
  readonly entryCount: number;
  readonly totalBytes: number;
  readonly filesRead: number;
  readonly bytesRead: number;
  /** All that was found, for later scans. */
  readonly seen: SeenDirectory;
}

/** What a directory's record tells of what is in it. */
type Subtree = Pick<DirectoryEntry, "tree" | "stateTree" | "entryCount" | "totalBytes">;

/** One scan. */
export class UpperScan {
  readonly #upper: string;
  readonly #base: Root;
  readonly #store: UpperScanStore;
  readonly #lower: LowerTree;
  readonly #before: SeenDirectory | undefined;
  readonly #status = new StatusReader();
  readonly #files: UpperFiles;
  readonly #omit: readonly string[];
  readonly #omitted: OmittedNames;
  readonly #omittedBelow: OmittedBelow;

  constructor(
    { path, base, omit }: UpperLayer,
    store: UpperScanStore,
    before: SeenDirectory | undefined,
    files: UpperFiles,
  ) {
    this.#upper = path;
    this.#base = base;
    this.#store = store;
    this.#lower = new LowerTree(store.objects, base);
    this.#before = before;
    this.#files = files;
    this.#omit = omit;
    this.#omitted = new OmittedNames(omit);
    this.#omittedBelow = new OmittedBelow(store.objects, store.nodes, omit);
  }

  /** Scans; yields now and then, for others to get a turn. */
  *finish(): Generator<void, UpperScanResult> {
    const seen = yield* this.#scan();
    this.#files.flush();
    const { objects, nodes } = this.#store;
    const links = buildLinks(upperLinks(objects, this.#base, seen, this.#omit), nodes);
    const { entryCount, totalBytes } = decodeEntry(seen.record) as DirectoryEntry;
    return {
      root: encodeRoot(seen.record, links),
      entryCount,
      totalBytes,
      filesRead: this.#files.filesRead,
      bytesRead: this.#files.bytesRead,
      seen,
    };
  }

  *#scan(): Generator<void, SeenDirectory> {
    const root = SourceDirectory.at(this.#upper);
    try {
      const status = this.#status.ofDescriptor(root.descriptor);
      const before = this.#before;
      const { rootPlace } = this.#lower;
      const touched = new TouchedNames(this.#status, root.descriptor);
      if (before !== undefined) touched.look(before);
      return before !== undefined && lanesEqual(before.lanes, 0, status.lanes, 0)
        ? yield* this.#update(touched, rootPlace, before)
        : yield* this.#open(touched, rootPlace, status.identity, before);
    } finally {
      root.close();
    }
  }

  /** Returns what is now seen of a directory that itself was not touched. */
  *#update(
    touched: TouchedNames,
    place: UpperPlace,
    before: SeenDirectory,
  ): Generator<void, SeenDirectory> {
    const { listing } = before;
    const positions = touched.of(before);
    if (positions === undefined) return before;
    for (const position of positions) {
      if (!before.children.has(position))
        return yield* this.#open(touched, place, identityOf(before.lanes, 0), before);
    }
    let draft: Draft | undefined;
    for (const [position, child] of before.children) {
      if (!positions.has(position) && touched.of(child) === undefined) continue;
      const childPlace = this.#lower.placeIn(place, listing, position);
      const now = positions.has(position)
        ? yield* this.#open(touched, childPlace, identityOf(child.lanes, 0), child)
        : yield* this.#update(touched, childPlace, child);
      if (now === child) continue;
      draft ??= copyOf(before);
      addChild(draft, position, now);
    }
    if (draft === undefined) return before;
    const edits = editsOf(before, listing, draft.records, NOTHING);
    const record = Buffer.from(before.record);
    setDirectoryTree(record, this.#build(before, NOTHING, edits));
    return { ...before, ...draft, hasLinked: hasLinked(draft), record };
  }

  /**
   * Returns what is now seen of a directory, which is opened.
   *
   * @param identity of the directory that was listed under this path
   */
  *#open(
    touched: TouchedNames,
    place: UpperPlace,
    identity: string,
    seenBefore: SeenDirectory | undefined,
  ): Generator<void, SeenDirectory> {
    const { path, name } = place;
    const directory = SourceDirectory.at(joinPath(this.#upper, path));
    let before = seenBefore;
    let status: FileStatus;
    let listing: Listing;
    let draft: Draft;
    const below: { readonly position: number; readonly status: FileStatus }[] = [];
    try {
      status = this.#status.ofDescriptor(directory.descriptor);
      if (status.identity !== identity) throw changed(path);
      const isListed = before !== undefined && lanesEqual(before.lanes, 0, status.lanes, 0);
      listing = (isListed ? before?.listing : undefined) ?? Listing.of(directory, path);
      if (before !== undefined && !showsSame(before, identity, listing)) before = undefined;
      draft = emptyDraft(listing.names.length);
      const statuses = this.#status.statuses(directory, listing.names);
      const omitted = this.#omitted.in(path);
      for (const [position, found] of statuses.entries()) {
        if (!(found instanceof FileStatus))
          throw found ?? changed(joinPath(path, listing.names[position] as SystemPath));
        if (omitted?.has(listing.keys[position] as string) === true)
          draft.entryLanes.set(found.lanes, position * LANES);
        else if (found.isDirectory) below.push({ position, status: found });
        else yield* this.#entry(place, directory, listing, position, found, before, draft);
      }
    } finally {
      directory.close();
    }
    for (const { position, status } of below) {
      const childPlace = this.#lower.placeIn(place, listing, position);
      const at = positionIn(before, listing, position);
      const child = at === undefined ? undefined : before?.children.get(at);
      const now =
        child !== undefined && lanesEqual(child.lanes, 0, status.lanes, 0)
          ? yield* this.#update(touched, childPlace, child)
          : yield* this.#open(touched, childPlace, status.identity, child);
      addChild(draft, position, now);
    }
    const shown = this.#lower.shownBy(place, listing);
    const edits = editsOf(before, listing, draft.records, (gone) => {
      const tree = shown()?.tree;
      return tree && findRecord(this.#store.objects, tree, Buffer.from(gone, "latin1"));
    });
    for (const [key, record] of this.#omittedBelow.edits(path, listing, before, shown))
      edits.set(key, record);
    const own = attributes(name, status, listing.xattrs);
    const record = encodeEntry({ kind: "directory", ...own, ...this.#build(before, shown, edits) });
    const lanes = this.#files.lanesOf(status);
    return { ...draft, hasLinked: hasLinked(draft), listing, lanes, record };
  }

  /** Returns what some edits make of the directory seen before; without one, of the one below. */
  #build(before: SeenDirectory | undefined, below: Below, edits: RecordEdits): Subtree {
    const base = before === undefined ? below() : (decodeEntry(before.record) as DirectoryEntry);
    if (edits.size === 0 && base !== undefined) {
      const { tree, stateTree, entryCount, totalBytes } = base;
      return { tree, stateTree, entryCount, totalBytes };
    }
    const { objects, nodes } = this.#store;
    const built = editTree(objects, base?.tree, edits, nodes);
    const { digest, stateDigest, entryCount, totalBytes } = built;
    return { tree: digest, stateTree: stateDigest, entryCount, totalBytes };
  }

  /** Adds a name that is no directory to a draft. */
  *#entry(
    { path }: UpperPlace,
    directory: SourceDirectory,
    listing: Listing,
    position: number,
    status: FileStatus,
    before: SeenDirectory | undefined,
    draft: Draft,
  ): Generator<void, void> {
    const at = positionIn(before, listing, position);
    if (
      before !== undefined &&
      at !== undefined &&
      lanesEqual(before.entryLanes, at * LANES, status.lanes, 0)
    ) {
      draft.records[position] = before.records[at];
      draft.entryLanes.set(status.lanes, position * LANES);
      const inode = before.linked.get(at);
      if (inode !== undefined) draft.linked.set(position, inode);
      return;
    }
    const name = listing.names[position] as SystemPath;
    let now = status;
    let record: Buffer | undefined;
    if (status.isFile)
      ({ record, status: now } = yield* this.#files.read(path, directory, name, status));
    else if (!status.isWhiteout)
      record = specialRecord(directory.child(name), pathBytes(name), status, visibleXattrs);
    draft.records[position] = record;
    draft.entryLanes.set(this.#files.lanesOf(now), position * LANES);
    if (record !== undefined && now.nlink > 1) draft.linked.set(position, now.identity);
  }
}

const NOTHING = () => undefined;

function changed(path: SystemPath): Error {
  const message = `${displayPath(path)} changes while it is read`;
  return Object.assign(new Error(message), { code: "ESTALE" });
}

/** Whether what was found is not there any more, as programs at work bring about. */
export function isRace(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof UnstableFileError || VANISHED.has(code ?? "");
}
