/**
 * Image source: what an image is made of, directory by directory, wherever it comes from: a snapshot's
 * tree, or what a workspace's layer changes against the one below.
 */
import type {
  DeviceEntry,
  EntryAttributes,
  FifoEntry,
  FileEntry,
  SymlinkEntry,
} from "../model/entry.js";

/** A directory of an image. */
export interface ImageDirectory {
  readonly attributes: EntryAttributes;
  /** Whether overlayfs is to show nothing of the directory of this path in layers below. */
  readonly isOpaque: boolean;
  /** Yields what is in it, in the order of the names' bytes. Called once. */
  items(): Iterable<ImageItem>;
}

/** A name in a directory of an image. */
export type ImageItem =
  | { readonly kind: "directory"; readonly directory: ImageDirectory }
  /** Overlayfs hides what layers below have under this name. */
  | { readonly kind: "whiteout"; readonly name: Buffer }
  | {
      readonly kind: "entry";
      readonly entry: ImageEntry;
      /** Names with the same number are one inode; their entries are equal but for the names. */
      readonly link: number | undefined;
    };

/** An entry that is no directory. */
export type ImageEntry = FileEntry | SymlinkEntry | FifoEntry | DeviceEntry;

/** All of an image. */
export interface ImageSource {
  /** The root; its name is not looked at. */
  readonly root: ImageDirectory;
}
