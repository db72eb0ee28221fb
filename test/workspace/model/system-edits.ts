/**
 * System edits: what programs do to a directory by single system calls, on paths picked by number among those
 * that there are, in several directories alike.
 */
import * as fs from "node:fs";
import fc from "fast-check";
import { type SystemCalls, systemCalls } from "#dist/system/system-calls.js";
import { type BytesSpec, bytesOf, fileBytes, fileSizes } from "../../engine/file-bytes.js";
import { entryPath } from "../../engine/listing.js";
import { childOf, isWithin, parentOf } from "../../engine/tree-model.js";
import { move } from "../../support/move.js";

/** What is done to one path. */
export interface SystemEdit {
  readonly call: CallName;
  readonly pick: number;
  /** Of the second path: where to, or what a link is to. */
  readonly other: number;
  readonly name: string;
  readonly bytes: BytesSpec;
  readonly number: number;
}

/** Does it in one directory, whose paths it is given for system calls. */
type Deed = (real: (path: string) => Buffer) => void;

/** Picks what is done to what, where there is something that fits. */
type Call = (tree: PickedTree, edit: SystemEdit) => Deed | undefined;

/** What is picked from; paths are Latin-1 and relative, `""` is the directory itself. */
class PickedTree {
  readonly #stats = new Map<string, fs.Stats>();
  readonly #keepsLinks: boolean;

  /** @param keepsLinks whether files that have several names may be changed */
  constructor(directory: string, keepsLinks: boolean) {
    this.#keepsLinks = keepsLinks;
    this.#list(directory, "");
  }

  /** Returns the path that a number picks among those that fit, or `undefined` where there are none. */
  pick(number: number, fits: (stat: fs.Stats, path: string) => boolean): string | undefined {
    const found = [...this.#stats].flatMap(([path, stat]) => (fits(stat, path) ? [path] : []));
    return found.length === 0 ? undefined : found[number % found.length];
  }

  /** Whether a file may be changed under one of its names. */
  isFree(stat: fs.Stats): boolean {
    return this.#keepsLinks || stat.isDirectory() || stat.nlink === 1;
  }

  /** Returns a path for the edit's name, in the directory that it picks. */
  named({ other, name }: SystemEdit, within = (_: string) => true): string {
    const directory = this.pick(other, (stat, path) => stat.isDirectory() && within(path)) ?? "";
    return childOf(directory, name);
  }

  /** Returns what stands at a path. */
  at(path: string): fs.Stats | undefined {
    return this.#stats.get(path);
  }

  #list(directory: string, path: string): void {
    const stat = fs.lstatSync(entryPath(directory, path));
    this.#stats.set(path, stat);
    if (!stat.isDirectory()) return;
    for (const name of fs.readdirSync(entryPath(directory, path), "latin1").sort())
      this.#list(directory, childOf(path, name));
  }
}

const calls = {
  write(tree, edit) {
    const path = tree.named(edit);
    const stat = tree.at(path);
    // A name of a file that has others, or of something else, is another file then.
    const isOther = stat !== undefined && !(stat.isFile() && tree.isFree(stat));
    return (real) => {
      if (isOther) clear(real(path));
      fs.writeFileSync(real(path), bytesOf(edit.bytes));
    };
  },
  replace(tree, edit) {
    const path = tree.pick(edit.pick, (stat) => stat.isFile() && tree.isFree(stat));
    if (path === undefined) return undefined;
    const temporary = childOf(parentOf(path), ".replacement");
    return (real) => {
      fs.writeFileSync(real(temporary), bytesOf(edit.bytes));
      fs.renameSync(real(temporary), real(path));
    };
  },
  append: onFile((path, edit) => fs.appendFileSync(path, bytesOf(edit.bytes))),
  overwrite: onFile((path, edit) => {
    const descriptor = fs.openSync(path, "r+");
    fs.writeSync(descriptor, bytesOf(edit.bytes), 0, undefined, edit.number);
    fs.closeSync(descriptor);
  }),
  truncate: onFile((path, edit) => fs.truncateSync(path, edit.number)),
  "write after unlink": (tree, edit) => {
    const path = tree.pick(edit.pick, (stat) => stat.isFile() && tree.isFree(stat));
    if (path === undefined) return undefined;
    return (real) => {
      const descriptor = fs.openSync(real(path), "a");
      fs.unlinkSync(real(path));
      fs.writeSync(descriptor, "unseen");
      fs.closeSync(descriptor);
    };
  },
  mkdir: makeAnew((path) => fs.mkdirSync(path)),
  symlink: makeAnew((path, { name }) => fs.symlinkSync(Buffer.from(name, "latin1"), path)),
  mkfifo: makeAnew((path) => system().makeNode(path, FIFO, 0, 0)),
  link(tree, edit) {
    const from = tree.pick(edit.pick, (stat) => !stat.isDirectory() && tree.isFree(stat));
    const path = tree.named(edit);
    if (from === undefined || isWithin(from, path)) return undefined;
    return (real) => {
      clear(real(path));
      fs.linkSync(real(from), real(path));
    };
  },
  rename(tree, edit) {
    const from = tree.pick(edit.pick, (stat, path) => path !== "" && tree.isFree(stat));
    if (from === undefined) return undefined;
    const path = tree.named(edit, (directory) => !isWithin(directory, from));
    if (isWithin(from, path)) return undefined;
    // A file over a file is for the kernel; the rest it refuses.
    const isRefused = tree.at(path)?.isDirectory() === true || tree.at(from)!.isDirectory();
    return (real) => {
      if (isRefused) clear(real(path));
      move(real(from), real(path));
    };
  },
  "rename and make again": (tree, edit) => {
    const from = tree.pick(edit.pick, (stat, path) => path !== "" && stat.isDirectory());
    if (from === undefined) return undefined;
    const path = tree.named(edit, (directory) => !isWithin(directory, from));
    if (isWithin(from, path)) return undefined;
    return (real) => {
      clear(real(path));
      move(real(from), real(path));
      fs.mkdirSync(real(from));
      fs.writeFileSync(real(childOf(from, "own")), "own");
    };
  },
  remove(tree, edit) {
    const path = tree.pick(edit.pick, (_, each) => each !== "");
    return path === undefined ? undefined : (real) => clear(real(path));
  },
  chmod: onPath((path, edit) => fs.chmodSync(path, 0o500 + (edit.number & 0o7277)), "mode"),
  chown: onPath((path, edit) => fs.lchownSync(path, edit.number, edit.other)),
  utimes: onPath((path, edit) => fs.lutimesSync(path, edit.number, edit.number)),
  setxattr: onPath((path, edit) => {
    const value = bytesOf({ ...edit.bytes, size: edit.bytes.size % 200 });
    system().setExtendedAttribute(path, xattrName(edit), value);
  }),
  removexattr: onPath((path, edit) => {
    const name = xattrName(edit);
    const all = system().readExtendedAttributes(path);
    if (all.some((each) => each.name.equals(name))) system().removeExtendedAttribute(path, name);
  }),
} satisfies Record<string, Call>;

type CallName = keyof typeof calls;

/** Names whose order, decoding or meaning to overlayfs is odd, beside common ones: few, so that they meet. */
const names = [
  "a",
  "b",
  "c",
  "a.",
  "a0",
  "\xff",
  "\xc3\xa9",
  "new\nline",
  ".wh.a",
  "n".repeat(100),
];

/** Edits of all kinds; those come more often that make something. */
export const systemEdits: fc.Arbitrary<SystemEdit> = fc.record({
  call: fc.constantFrom<CallName>(
    ...(Object.keys(calls) as CallName[]),
    ...(["write", "write", "write", "mkdir", "mkdir", "rename", "rename", "remove"] as const),
  ),
  pick: fc.nat(1000),
  other: fc.nat(1000),
  name: fc.constantFrom(...names),
  bytes: fileBytes,
  number: fileSizes,
});

/**
 * Makes an edit in some directories that hold the same.
 *
 * @param directories what is done to what is picked from the first one
 */
export function makeSystemEdit(
  edit: SystemEdit,
  directories: readonly [string, ...string[]],
  { keepsLinks }: { readonly keepsLinks: boolean },
): void {
  const call: Call = calls[edit.call];
  const deed = call(new PickedTree(directories[0], keepsLinks), edit);
  for (const directory of directories) deed?.((path) => entryPath(directory, path));
}

/** Returns a call on a file. */
function onFile(change: (path: Buffer, edit: SystemEdit) => void): Call {
  return (tree, edit) => {
    const path = tree.pick(edit.pick, (stat) => stat.isFile() && tree.isFree(stat));
    return path === undefined ? undefined : (real) => change(real(path), edit);
  };
}

/** Returns a call on any path; a symbolic link has no mode. */
function onPath(change: (path: Buffer, edit: SystemEdit) => void, of?: "mode"): Call {
  return (tree, edit) => {
    const path = tree.pick(
      edit.pick,
      (stat) => tree.isFree(stat) && (of !== "mode" || !stat.isSymbolicLink()),
    );
    return path === undefined ? undefined : (real) => change(real(path), edit);
  };
}

/** Returns a call that makes something at a path, in the place of what is there. */
function makeAnew(make: (path: Buffer, edit: SystemEdit) => void): Call {
  return (tree, edit) => {
    const path = tree.named(edit);
    return (real) => {
      clear(real(path));
      make(real(path), edit);
    };
  };
}

function clear(path: Buffer): void {
  fs.rmSync(path, { recursive: true, force: true });
}

const FIFO = 0o010_600;

/** Of a namespace that links and FIFOs have as well; those of the user's they have not. */
function xattrName({ number }: SystemEdit): Buffer {
  return Buffer.from(`trusted.test${number % 3}`);
}

function system(): SystemCalls {
  const found = systemCalls();
  if ("unavailable" in found) throw new Error(found.unavailable);
  return found;
}
