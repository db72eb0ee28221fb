/**
 * Copy tree: files and directories, copied within an overlay. Bytes are shared, not copied: a page is copied by who
 * writes to it next.
 *
 * What is refused, and in which order, is as in fs.promises.cp, of Node.js 24 where its releases differ: a directory that
 * is there is in the way of one that must not exist (in Node.js 20 it is not), and of two links only those to directories
 * are held against each other (before 24 any). cpSync does the same, though that of node:fs tells some errors in other
 * words. Directories get the times of what they are of, as from Node.js 26 on. Names are taken in the order of their bytes.
 *
 * A copy into itself, or one that follows links in a circle, is refused where it is met. Node.js goes by how paths are
 * spelled, and where links hide it, copies until a path is too long.
 */
import { posix } from "node:path";
import type { DirectoryInode, FileInode, Inode } from "../inode.js";
import type { OverlayTree } from "../overlay-tree.js";
import type { Caller } from "./caller.js";
import { copyFile } from "./copy-file.js";
import type { CopyOptions } from "./copy-options.js";
import { refused } from "./copy-refusal.js";
import type { Last } from "./inode-calls.js";
import { list, look, own, readLink, setAttributes } from "./inode-calls.js";
import { makeDirectories, makeDirectory, makeSymlink, removeName } from "./name-calls.js";
import { textOf } from "./path-bytes.js";
import { calling, errnoOf, refuse } from "./refusal.js";

/** A question on the way: whether a path is to be copied to another one. */
export type CopyQuestion = readonly [source: string, destination: string];

/** Copies as cp of node:fs does; asks about each path, the first one too, and is told whether to. */
export function* copyTree(
  caller: Caller,
  source: string,
  target: string,
  options: CopyOptions,
): Generator<CopyQuestion, void, boolean> {
  yield* new Copier(caller, options).run(source, target);
}

/** A directory that is being copied. */
interface Level {
  readonly source: string;
  readonly target: string;
  readonly from: DirectoryInode;
  /** The number of the copy. */
  readonly copy: number;
  readonly isNew: boolean;
  /** What is left to be copied of it. */
  readonly names: Iterator<string>;
}

class Copier {
  readonly #caller: Caller;
  readonly #options: CopyOptions;
  readonly #last: Last;
  /** No recursion: a path of 4,096 bytes may have 2,000 names. */
  readonly #levels: Level[] = [];

  constructor(caller: Caller, options: CopyOptions) {
    this.#caller = caller;
    this.#options = options;
    this.#last = options.dereference === true ? "follow" : "take";
  }

  *run(source: string, target: string): Generator<CopyQuestion, void, boolean> {
    if (!(yield [textOf(source), textOf(target)])) return;
    const { from, to } = this.#check(source, target);
    this.#checkAbove(source, from, target);
    const above = posix.dirname(target);
    if (this.#stat("stat", above, "ENOENT") === undefined)
      makeDirectories(this.#caller, above, 0o777);
    this.#copy(source, target, to);
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      const { done, value: name } = level.names.next();
      if (done === true) {
        this.#levels.pop();
        this.#leave(level);
        continue;
      }
      const below = posix.join(level.source, name);
      const copy = posix.join(level.target, name);
      if (yield [textOf(below), textOf(copy)]) this.#copy(below, copy, this.#check(below, copy).to);
    }
  }

  /** Fails where one cannot be copied onto the other; returns both. */
  #check(source: string, target: string): { readonly from: Inode; readonly to: Inode | undefined } {
    const syscall = this.#last === "follow" ? "stat" : "lstat";
    const from = this.#stat(syscall, source);
    const to = this.#stat(syscall, target, "ENOENT");
    if (to?.number === from.number) throw refused("same", target);
    const isDirectory = from.kind === "directory";
    if (to !== undefined && isDirectory && to.kind !== "directory")
      throw refused("directory onto another", target);
    if (to?.kind === "directory" && !isDirectory) throw refused("another onto directory", target);
    if (isDirectory && isSpelledWithin(source, target)) throw refused("into itself", target);
    return { from, to };
  }

  /** Fails where a directory above the target is what is copied, whatever it is called there. */
  #checkAbove(source: string, from: Inode, target: string): void {
    const beside = absolute(posix.dirname(source));
    let above = absolute(posix.dirname(target));
    for (; above !== beside && above !== "/"; above = posix.dirname(above)) {
      const directory = this.#stat("stat", above, "ENOENT");
      if (directory === undefined) return;
      if (directory.number === from.number) throw refused("into itself", target);
    }
  }

  #copy(source: string, target: string, to: Inode | undefined): void {
    const from = this.#stat(this.#last === "follow" ? "stat" : "lstat", source);
    switch (from.kind) {
      case "directory":
        this.#enter(source, target, from, to);
        break;
      case "file":
        this.#file(source, target, from, to);
        break;
      case "symlink":
        this.#link(source, target, to);
        break;
      default:
        throw refused(from.kind === "fifo" ? "fifo" : "device", target);
    }
  }

  #enter(source: string, target: string, from: DirectoryInode, to: Inode | undefined): void {
    if (this.#options.recursive !== true) throw refused("directory", source);
    if (to !== undefined) this.#checkForce(target);
    if (this.#levels.some(({ copy }) => copy === from.number)) throw refused("into itself", target);
    if (this.#levels.some((level) => level.from.number === from.number))
      this.#call("stat", source, () => refuse("ELOOP"));
    if (to === undefined)
      this.#call("mkdir", target, () => makeDirectory(this.#caller, target, 0o777));
    const { tree } = this.#caller;
    const { names } = this.#call("opendir", source, () => list(tree, source));
    const copy = to?.number ?? look(tree, target, "follow").number;
    const isNew = to === undefined;
    this.#levels.push({ source, target, from, copy, isNew, names: names.values() });
  }

  #leave({ target, from, isNew }: Level): void {
    const times = this.#timesOf(from);
    if (isNew) this.#set("chmod", target, { ...times, mode: from.mode });
    else if (this.#options.preserveTimestamps === true) this.#set("utime", target, times);
  }

  #file(source: string, target: string, from: FileInode, to: Inode | undefined): void {
    if (to !== undefined) {
      this.#checkForce(target);
      if (this.#options.force === false) return;
      this.#call("unlink", target, () => removeName(this.#caller, target));
    }
    const subject = { syscall: "copyfile", path: textOf(source), dest: textOf(target) };
    calling(subject, () => copyFile(this.#caller, source, target, this.#options.mode ?? 0));
    this.#set("chmod", target, { ...this.#timesOf(from), mode: from.mode });
  }

  #link(source: string, target: string, to: Inode | undefined): void {
    const { tree } = this.#caller;
    const given = this.#call("readlink", source, () => readLink(tree, source));
    const isKept = this.#options.verbatimSymlinks === true || given.startsWith("/");
    const text = isKept ? given : absolute(posix.dirname(source), given);
    if (to?.kind === "symlink") {
      const replaced = absolute(posix.dirname(target), to.target.toString("latin1"));
      // What the copied link leads to, or nothing where it leads nowhere.
      const isDirectory = kindOrNothing(tree, source) === "directory";
      if (isDirectory && isSpelledWithin(text, replaced)) throw refused("into itself", target);
      this.#stat("stat", source);
      if (isDirectory && isSpelledWithin(replaced, text)) throw refused("link above", target);
      this.#call("unlink", target, () => removeName(this.#caller, target));
    }
    const subject = { syscall: "symlink", path: textOf(text), dest: textOf(target) };
    calling(subject, () => makeSymlink(this.#caller, text, target));
  }

  #checkForce(target: string): void {
    const { force = true, errorOnExist = false } = this.#options;
    if (!force && errorOnExist) throw refused("exists", target);
  }

  #timesOf({ accessed, modified }: Inode): Partial<Pick<Inode, "accessed" | "modified">> {
    return this.#options.preserveTimestamps === true ? { accessed, modified } : {};
  }

  #set(
    syscall: string,
    target: string,
    attributes: Partial<Pick<Inode, "mode" | "accessed" | "modified">>,
  ): void {
    const { tree } = this.#caller;
    this.#call(syscall, target, () => setAttributes(tree, own(tree, target, "follow"), attributes));
  }

  #stat(syscall: "stat" | "lstat", path: string): Inode;
  #stat(syscall: "stat" | "lstat", path: string, fine: "ENOENT"): Inode | undefined;
  #stat(syscall: "stat" | "lstat", path: string, fine?: "ENOENT"): Inode | undefined {
    return this.#call(syscall, path, () => {
      try {
        return look(this.#caller.tree, path, syscall === "stat" ? "follow" : "take");
      } catch (error) {
        if (fine !== undefined && errnoOf(error) === fine) return undefined;
        throw error;
      }
    });
  }

  #call<T>(syscall: string, path: string, body: () => T): T {
    return calling({ syscall, path: textOf(path) }, body);
  }
}

/** Returns a path from the root, without dots, links not followed: what it is spelled as counts. */
function absolute(...paths: readonly string[]): string {
  return posix.resolve("/", ...paths);
}

/** Returns whether a path is another one or below it, by how both are spelled. */
function isSpelledWithin(directory: string, path: string): boolean {
  const [outer, inner] = [absolute(directory), absolute(path)];
  return outer === "/" || inner === outer || inner.startsWith(`${outer}/`);
}

function kindOrNothing(tree: OverlayTree, path: string): Inode["kind"] | undefined {
  try {
    return look(tree, path, "follow").kind;
  } catch {
    // As node:fs, which takes what cannot be looked at for no directory.
    return undefined;
  }
}
