/**
 * Copy tree: files and directories, copied within an overlay. Bytes are shared, not copied: a page is copied by who
 * writes to it next.
 */
import { constants } from "node:fs";
import { dirname, posix } from "node:path";
import type { FileInode, Inode } from "../inode.js";
import type { Caller } from "./caller.js";
import type { Last } from "./inode-calls.js";
import { list, look, own, readLink, realPath, setAttributes, shareContent } from "./inode-calls.js";
import { makeDirectories, makeDirectory, makeSymlink, removeName } from "./name-calls.js";
import { findToOpen, openFile } from "./open-file.js";
import { textOf } from "./path-bytes.js";
import { calling, errnoOf, refusal, refuse } from "./refusal.js";
import { resolvePath } from "./resolve-path.js";

/** How something is copied, as by fs.cp. */
export interface CopyOptions {
  /** Whether directories are copied, with all that is in them. @default false */
  readonly recursive?: boolean | undefined;
  /** Whether what is there is replaced. @default true */
  readonly force?: boolean | undefined;
  /** Whether it is an error that something is there, where it is not replaced. @default false */
  readonly errorOnExist?: boolean | undefined;
  /** Whether what a symbolic link leads to is copied in its place. @default false */
  readonly dereference?: boolean | undefined;
  /** Whether copies get the times of what they are of. @default false */
  readonly preserveTimestamps?: boolean | undefined;
  /** Whether relative links stay relative; else they become absolute. @default false */
  readonly verbatimSymlinks?: boolean | undefined;
}

/** A question on the way: whether a path is to be copied to another one. */
export type CopyQuestion = readonly [source: string, destination: string];

/** Copies a file: see copyFile of node:fs. The copy gets its mode, whether it was there before or not. */
export function copyFile(caller: Caller, from: string, to: string, mode: number): void {
  const { tree } = caller;
  const source = look(tree, from, "follow");
  if (source.kind !== "file" && source.kind !== "directory") throw refusal("ENXIO");
  const isExclusive = (mode & constants.COPYFILE_EXCL) !== 0;
  const flags = constants.O_WRONLY | constants.O_CREAT | (isExclusive ? constants.O_EXCL : 0);
  if (source.kind === "directory") {
    // The copy is opened first, by which node:fs loses what was there; that is left alone here.
    findToOpen(tree, to, flags);
    refuse("EISDIR");
  }
  const target = openFile(caller, to, flags, source.mode);
  try {
    // Opening may have owned what it is of.
    if (target.inode.number !== source.number) {
      shareContent(caller, source, target.inode as FileInode);
      setAttributes(tree, target.inode, { mode: source.mode });
    }
  } finally {
    target.close();
  }
}

/** Copies as cp of node:fs does; asks about each path, the first one too, and is told whether to. */
export function* copyTree(
  caller: Caller,
  source: string,
  target: string,
  options: CopyOptions,
): Generator<CopyQuestion, void, boolean> {
  yield* new Copier(caller, options).run(source, target);
}

class Copier {
  readonly #caller: Caller;
  readonly #options: CopyOptions;

  constructor(caller: Caller, options: CopyOptions) {
    this.#caller = caller;
    this.#options = options;
  }

  *run(source: string, target: string): Generator<CopyQuestion, void, boolean> {
    if (this.#options.dereference === true && this.#options.verbatimSymlinks === true) {
      const message =
        'Option "dereference" cannot be used in combination with option "verbatimSymlinks"';
      throw Object.assign(new TypeError(message), { code: "ERR_INCOMPATIBLE_OPTION_PAIR" });
    }
    if (!(yield [textOf(source), textOf(target)])) return;
    const from = this.#check(source, target);
    makeDirectories(this.#caller, dirname(target), 0o777);
    yield* this.#copy(source, target, from);
  }

  /** Fails where one cannot be copied onto the other. */
  #check(source: string, target: string): Inode {
    const { tree } = this.#caller;
    const last = this.#last;
    const syscall = last === "follow" ? "stat" : "lstat";
    const from = this.#call(syscall, source, () => look(tree, source, last));
    const to = this.#there(target);
    if (to !== undefined && to.number === from.number)
      throw refused("ERR_FS_CP_EINVAL", "src and dest cannot be the same", target, 22);
    if (to !== undefined && from.kind === "directory" && to.kind !== "directory")
      throw refused(
        "ERR_FS_CP_DIR_TO_NON_DIR",
        "cannot overwrite non-directory with directory",
        target,
        21,
      );
    if (to?.kind === "directory" && from.kind !== "directory")
      throw refused(
        "ERR_FS_CP_NON_DIR_TO_DIR",
        "cannot overwrite directory with non-directory",
        target,
        20,
      );
    if (from.kind === "directory" && this.#isBelow(target, from.number))
      throw refused("ERR_FS_CP_EINVAL", "cannot copy to a subdirectory of self", target, 22);
    return from;
  }

  *#copy(source: string, target: string, from: Inode): Generator<CopyQuestion, void, boolean> {
    switch (from.kind) {
      case "directory":
        if (this.#options.recursive !== true)
          throw refused(
            "ERR_FS_EISDIR",
            "Recursive option not enabled, cannot copy a directory",
            source,
            21,
          );
        yield* this.#directory(source, target, from);
        break;
      case "file":
        this.#replace(target, () => {
          this.#call("copyfile", source, () => copyFile(this.#caller, source, target, 0));
          this.#attributes(target, from);
        });
        break;
      case "symlink":
        this.#replace(target, () => this.#link(source, target));
        break;
      default:
        throw refused("ERR_FS_CP_UNKNOWN", "cannot copy an unknown file type", target, 22);
    }
  }

  *#directory(source: string, target: string, from: Inode): Generator<CopyQuestion, void, boolean> {
    const isNew = this.#there(target) === undefined;
    if (isNew) this.#call("mkdir", target, () => makeDirectory(this.#caller, target, 0o777));
    for (const name of list(this.#caller.tree, source).names) {
      const [below, copy] = [`${source}/${name}`, `${target}/${name}`];
      if (!(yield [textOf(below), textOf(copy)])) continue;
      yield* this.#copy(below, copy, this.#check(below, copy));
    }
    if (isNew) this.#attributes(target, from);
  }

  #replace(target: string, copy: () => void): void {
    const { force = true, errorOnExist = false } = this.#options;
    if (this.#there(target) !== undefined) {
      if (!force && errorOnExist)
        throw refused("ERR_FS_CP_EEXIST", "target already exists", target, 17);
      if (!force) return;
      removeName(this.#caller, target);
    }
    copy();
  }

  #link(source: string, target: string): void {
    const { tree } = this.#caller;
    const to = readLink(tree, source);
    const isKept = this.#options.verbatimSymlinks === true || to.startsWith("/");
    const directory = dirname(source);
    const text = isKept ? to : posix.resolve(realPath(tree, directory), to);
    this.#call("symlink", target, () => makeSymlink(this.#caller, text, target));
  }

  #attributes(target: string, { mode, accessed, modified }: Inode): void {
    const times = this.#options.preserveTimestamps === true ? { accessed, modified } : {};
    const { tree } = this.#caller;
    setAttributes(tree, own(tree, target, "take"), { mode, ...times });
  }

  #there(path: string): Inode | undefined {
    const syscall = this.#last === "follow" ? "stat" : "lstat";
    return this.#call(syscall, path, () => {
      try {
        return look(this.#caller.tree, path, this.#last);
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return undefined;
        throw error;
      }
    });
  }

  get #last(): Last {
    return this.#options.dereference === true ? "follow" : "take";
  }

  /** Returns whether a path, of which the last names may be missing, is in or below a directory. */
  #isBelow(path: string, number: number): boolean {
    const { tree } = this.#caller;
    for (let at = path; at !== "." && at !== "/"; at = dirname(at)) {
      if (this.#there(at) === undefined) continue;
      const { trail } = resolvePath(tree, at, { last: "follow", own: false });
      if (look(tree, at, "follow").number === number) return true;
      return trail.some(
        (_, index) =>
          look(tree, `/${trail.slice(0, index + 1).join("/")}`, "take").number === number,
      );
    }
    return number === tree.root.number;
  }

  #call<T>(syscall: string, path: string, body: () => T): T {
    return calling({ syscall, path: textOf(path) }, body);
  }
}

/** As the errors of fs.cp that the system knows nothing of. */
function refused(code: string, why: string, path: string, errno: number): Error {
  const text = textOf(path);
  const message = `Cannot copy: ${why}: ${text}`;
  return Object.assign(new Error(message), { code, errno, syscall: "cp", path: text });
}
