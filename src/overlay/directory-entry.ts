/**
 * Directory entry: a name in a directory with what it is, in the shape of fs.Dirent.
 */
import type { Inode } from "./inode.js";
import { KindOfFile } from "./stats.js";

/** As fs.Dirent. */
export class OverlayDirent<Name extends string | Buffer = string> extends KindOfFile {
  /** The name alone. */
  readonly name: Name;
  /** The path of the directory that it is in, as that was given. */
  readonly parentPath: string;
  /** The same, under its older name. */
  readonly path: string;

  /** @internal */
  constructor(name: Name, parentPath: string, kind: Inode["kind"]) {
    super(kind);
    this.name = name;
    this.parentPath = this.path = parentPath;
  }
}
