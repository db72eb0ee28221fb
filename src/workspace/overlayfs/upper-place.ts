/**
 * Upper place: where a directory of the upper layer lies, and which directory of the layers below it shows.
 */
import type { DirectoryEntry } from "../../model/entry.js";
import { joinPath, pathBytes } from "../../scan/source-directory.js";
import type { SystemPath } from "../../system/system-path.js";
import type { Root } from "../../tree/root.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { findEntry } from "../../tree/tree-reader.js";
import type { Listing } from "./seen-directory.js";

/** Tells a directory below, which is looked for when it is needed. */
export type Below = () => DirectoryEntry | undefined;

/** Where a directory of the upper layer lies. */
export interface UpperPlace {
  /** From the root of the layer. */
  readonly path: SystemPath;
  /** Empty for the root. */
  readonly name: Buffer;
  /** Tells the directory below that its parent shows; for the root, the one that it shows itself. */
  readonly parentBelow: Below;
}

/** The layers below an upper directory. */
export class LowerTree {
  readonly #objects: ObjectSource;
  readonly #root: Root;

  constructor(objects: ObjectSource, root: Root) {
    this.#objects = objects;
    this.#root = root;
  }

  get rootPlace(): UpperPlace {
    return { path: "", name: EMPTY, parentBelow: () => this.#root.entry };
  }

  /** Returns where a directory lies that is in another one. */
  placeIn(parent: UpperPlace, listing: Listing, position: number): UpperPlace {
    const name = listing.names[position] as SystemPath;
    return {
      path: joinPath(parent.path, name),
      name: pathBytes(name),
      parentBelow: this.shownBy(parent, listing),
    };
  }

  /** Tells the directory below that a directory shows; a redirect may lead elsewhere. */
  shownBy({ name, parentBelow }: UpperPlace, { notes }: Listing): Below {
    if (name.length === 0) return parentBelow;
    if (notes.isOpaque) return () => undefined;
    const place = notes.redirect ?? name;
    const isAbsolute = place[0] === SLASH;
    return once(() => {
      const from = isAbsolute ? this.#root.entry : parentBelow();
      const names = isAbsolute ? splitPath(place.subarray(1)) : [place];
      const found = findEntry(this.#objects, from, names);
      return found?.kind === "directory" ? found : undefined;
    });
  }
}

const EMPTY = Buffer.alloc(0);
const SLASH = 0x2f;

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function splitPath(path: Buffer): Buffer[] {
  return path
    .toString("latin1")
    .split("/")
    .map((name) => Buffer.from(name, "latin1"));
}
