/**
 * Seen directory: what a scan found in a directory of an upper layer, for the next scan.
 */
import type { OverlayNotes } from "../../image/overlay-xattrs.js";
import { overlayNotes, visibleXattrs } from "../../image/overlay-xattrs.js";
import type { Xattr } from "../../model/entry.js";
import { xattrsOfDescriptor } from "../../scan/entry-reader.js";
import { joinNames } from "../../scan/name-list.js";
import type { SourceDirectory } from "../../scan/source-directory.js";
import { joinPath, keyOf } from "../../scan/source-directory.js";
import type { SystemPath } from "../../system/system-path.js";

/** One directory, and through its children all below it. Never changed: where a scan finds another, it makes another. */
export interface SeenDirectory {
  readonly listing: Listing;
  /** Its own (see stat-lanes). */
  readonly lanes: Uint32Array;
  /** Those of its names, one after the other. */
  readonly entryLanes: Uint32Array;
  /** Of its names; `undefined` for what shows nothing: a whiteout, or a socket, which snapshots do not keep. */
  readonly records: readonly (Buffer | undefined)[];
  /** By the positions of their names. */
  readonly children: ReadonlyMap<number, SeenDirectory>;
  /** What tells one inode from another, of the files that have several names, by the positions of these. */
  readonly linked: ReadonlyMap<number, string>;
  /** Whether there are such files in it or below. */
  readonly hasLinked: boolean;
  /** Of the directory that is shown, with all that is seen in it. */
  readonly record: Buffer;
}

/** What a directory holds, and what overlayfs notes on it. All of it moves the directory's times when it changes. */
export class Listing {
  readonly names: readonly SystemPath[];
  readonly notes: OverlayNotes;
  /** Without overlayfs's own. */
  readonly xattrs: readonly Xattr[];
  /** The names as Latin-1, so that each byte is a character. */
  readonly keys: readonly string[];
  /** The paths of the names from the root of the upper layer, each ended by NUL. */
  readonly paths: Buffer;
  #positions: ReadonlyMap<string, number> | undefined;

  private constructor(path: SystemPath, names: readonly SystemPath[], xattrs: readonly Xattr[]) {
    this.names = names;
    this.notes = overlayNotes(xattrs);
    this.xattrs = visibleXattrs(xattrs);
    this.keys = names.map(keyOf);
    this.paths = joinNames(names.map((name) => joinPath(path, name)));
  }

  /** @param path of the directory, from the root of the upper layer */
  static of(directory: SourceDirectory, path: SystemPath): Listing {
    const xattrs = xattrsOfDescriptor(directory.descriptor);
    return new Listing(path, directory.names(), xattrs);
  }

  positionOf(key: string): number | undefined {
    this.#positions ??= new Map(this.keys.map((each, position) => [each, position]));
    return this.#positions.get(key);
  }
}
