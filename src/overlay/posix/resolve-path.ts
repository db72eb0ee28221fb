/**
 * Resolve path: from a path to what it names, by the rules of path_resolution(7). Whatever a path or a symbolic link
 * says, nothing above the root is ever reached: `..` of the root is the root, and absolute links start there.
 */
import type { DirectoryInode, Inode } from "../inode.js";
import type { OverlayTree } from "../overlay-tree.js";
import { refuse } from "./refusal.js";

/** Bytes of a name, and of a path with the NUL at its end (NAME_MAX, PATH_MAX of Linux). */
const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4096;
/** Symbolic links that one path may lead through (path_resolution(7)). */
const SYMLINKS_MAX = 40;

export interface ResolveOptions {
  /**
   * What becomes of a symbolic link that the path ends in: it is followed, taken itself unless a slash is behind it, or
   * always taken itself.
   */
  readonly last: "follow" | "take" | "take-always";
  /** Whether what is met is owned, to be changed. */
  readonly own: boolean;
  /** Whether a file is to be made: a slash behind the last name is refused then, whatever has that name. @default false */
  readonly makesFile?: boolean;
}

/** What a path leads to. */
export interface Resolved {
  /** The directory that the last name is in. */
  readonly parent: DirectoryInode;
  /** The last name; `undefined` where the path ends in a directory itself: `/`, `.` or `..`. */
  readonly name: string | undefined;
  /** What there is; nothing where only the last name is missing. */
  readonly inode: Inode | undefined;
  /** Which of those the path ends in. */
  readonly dots: "root" | "." | ".." | undefined;
  readonly hasSlash: boolean;
  /** The names from the root to the parent. */
  readonly trail: readonly string[];
}

/** Returns what a path names. @throws a refusal: ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG */
export function resolvePath(tree: OverlayTree, path: string, options: ResolveOptions): Resolved {
  if (path === "") refuse("ENOENT");
  if (path.length >= PATH_BYTES_MAX) refuse("ENAMETOOLONG");
  return new Walk(tree, options).run(path);
}

class Walk {
  readonly #tree: OverlayTree;
  readonly #options: ResolveOptions;
  /** The directories from the root to where the walk is, and their names. */
  readonly #directories: DirectoryInode[];
  readonly #trail: string[] = [];
  #pending: string[] = [];
  #hasSlash = false;
  #symlinks = 0;

  constructor(tree: OverlayTree, options: ResolveOptions) {
    this.#tree = tree;
    this.#options = options;
    this.#directories = [tree.root];
  }

  run(path: string): Resolved {
    this.#queue(path);
    this.#hasSlash = path.endsWith("/");
    let dots: Resolved["dots"] = "root";
    for (let name = this.#pending.pop(); name !== undefined; name = this.#pending.pop()) {
      const isLast = this.#pending.length === 0;
      if (name === "." || name === "..") {
        if (name === ".." && this.#trail.pop() !== undefined) this.#directories.pop();
        dots = name;
        continue;
      }
      if (name.length > NAME_BYTES_MAX) refuse("ENAMETOOLONG");
      if (isLast && this.#hasSlash && this.#options.makesFile === true) refuse("EISDIR");
      const parent = this.#here;
      const inode = this.#options.own
        ? this.#tree.ownChild(parent, name)
        : this.#tree.child(parent, name);
      if (inode?.kind === "symlink" && (!isLast || this.#isFollowed())) {
        if (this.#symlinks++ >= SYMLINKS_MAX) refuse("ELOOP");
        const target = inode.target.toString("latin1");
        if (isLast && target.endsWith("/")) this.#hasSlash = true;
        this.#queue(target);
        dots = "root";
      } else if (isLast) {
        return this.#found(parent, name, inode);
      } else if (inode === undefined) {
        refuse("ENOENT");
      } else if (inode.kind !== "directory") {
        refuse("ENOTDIR");
      } else {
        this.#directories.push(inode);
        this.#trail.push(name);
      }
    }
    const inode = this.#here;
    const { trail } = this;
    return { parent: inode, name: undefined, inode, dots, hasSlash: this.#hasSlash, trail };
  }

  get trail(): readonly string[] {
    return this.#trail;
  }

  /** Owning a name makes another value of its directory. */
  get #here(): DirectoryInode {
    const directory = this.#directories.at(-1) as DirectoryInode;
    return this.#options.own ? this.#tree.directory(directory.number) : directory;
  }

  #found(parent: DirectoryInode, name: string, inode: Inode | undefined): Resolved {
    const hasSlash = this.#hasSlash;
    const isTaken = this.#options.last === "take-always";
    if (hasSlash && !isTaken && inode !== undefined && inode.kind !== "directory")
      refuse("ENOTDIR");
    const now = this.#options.own ? this.#tree.directory(parent.number) : parent;
    return { parent: now, name, inode, dots: undefined, hasSlash, trail: this.#trail };
  }

  #isFollowed(): boolean {
    const { last } = this.#options;
    return last === "follow" || (last === "take" && this.#hasSlash);
  }

  /** Has the names of a path come next. */
  #queue(path: string): void {
    if (path.startsWith("/")) {
      this.#directories.length = 1;
      this.#trail.length = 0;
    }
    const names = path.split("/").filter((name) => name !== "");
    for (let index = names.length - 1; index >= 0; index--) this.#pending.push(names[index]!);
  }
}
