/** Edits: what a user does to a directory, made to a real one and to the model. */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import fc from "fast-check";
import { move } from "../support/move.js";
import { type BytesSpec, bytesOf, fileBytes, fileSizes } from "./file-bytes.js";
import { entryPath } from "./listing.js";
import { childOf, isWithin, type ModelNode, type ModelTree, parentOf } from "./tree-model.js";

/** One edit. Paths are picked by number among those that there are; an edit that fits none does nothing. */
export type Edit =
  | ({ readonly do: "write"; readonly bytes: BytesSpec; readonly byRename: boolean } & Named)
  | ({ readonly do: "append"; readonly bytes: BytesSpec } & Picked)
  | ({ readonly do: "overwrite"; readonly bytes: BytesSpec; readonly at: number } & Picked)
  | ({ readonly do: "truncate"; readonly size: number } & Picked)
  | ({ readonly do: "chmod"; readonly mode: number } & Picked)
  | ({ readonly do: "utimes"; readonly seconds: number } & Picked)
  | ({ readonly do: "rename"; readonly from: number } & Named)
  | ({ readonly do: "link"; readonly from: number } & Named)
  | ({ readonly do: "symlink"; readonly target: string } & Named)
  | ({ readonly do: "mkdir" } & Named)
  | ({ readonly do: "remove" } & Picked);

interface Picked {
  readonly pick: number;
  /** Gives the path and its directory these times afterwards, so that the edit leaves no other trace. */
  readonly seconds?: number;
}

interface Named extends Picked {
  readonly name: string;
}

/** In Latin-1: names whose order, decoding or look has led somebody astray. */
const names = [
  ...[
    "a",
    "b",
    "A",
    "a.",
    "a0",
    "a b",
    "-rf",
    "new\nline",
    "__proto__",
    "constructor",
    ".gitignore",
  ],
  ...["\xc3\xa9", "e\xcc\x81", "\xff", "\xfe", "\xef\xbf\xbd", "\xf0\x9f\x8c\xb3", "n".repeat(255)],
  ".coppice-0123456789abcdef",
];

const pick = fc.nat(1000);
const name = fc.constantFrom(...names);
/** Whole seconds, as Node.js sets them exactly; far apart, and before 1970 only by `touch`, elsewhere. */
const seconds = fc.constantFrom(1, 1_000_000_000, 1_700_000_000, 4_000_000_000);
/** What only root can still read and write is for root. */
const modes =
  process.geteuid?.() === 0
    ? fc.constantFrom(0o644, 0o600, 0o755, 0o4755, 0o2711, 0o1777, 0o444, 0)
    : fc.constantFrom(0o700, 0o750, 0o755);

/** Edits of all kinds. */
export const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 8, arbitrary: edit("write", { bytes: fileBytes, byRename: fc.boolean(), name }) },
  { weight: 2, arbitrary: edit("append", { bytes: fileBytes }) },
  { weight: 2, arbitrary: edit("overwrite", { bytes: fileBytes, at: fileSizes }) },
  { weight: 2, arbitrary: edit("truncate", { size: fileSizes }) },
  { weight: 2, arbitrary: edit("chmod", { mode: modes }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("utimes"), pick, seconds }) },
  { weight: 4, arbitrary: edit("rename", { from: pick, name }) },
  { weight: 3, arbitrary: edit("link", { from: pick, name }) },
  { weight: 2, arbitrary: edit("symlink", { target: name, name }) },
  { weight: 4, arbitrary: edit("mkdir", { name }) },
  { weight: 2, arbitrary: edit("remove", {}) },
) as fc.Arbitrary<Edit>;

function edit(kind: Edit["do"], own: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const always = fc.record({ do: fc.constant(kind), pick, ...own });
  const sometimes = fc.record({ seconds }, { requiredKeys: [] });
  return fc.tuple(always, sometimes).map(([a, b]) => ({ ...a, ...b }));
}

/** Makes an edit in a directory and in its model. */
export function applyEdit(edit: Edit, directory: string, tree: ModelTree): void {
  const editor = new Editor(directory, tree);
  const touched = editor.apply(edit);
  if (edit.seconds !== undefined && edit.do !== "utimes") {
    // The directory last: it is what a change of its entries' names would move.
    for (const path of touched) editor.setTime(path, edit.seconds);
  }
  editor.noteTimes(touched);
}

/** Returns a model of an empty directory that exists. */
export function modelOfEmpty(directory: string): ModelTree {
  const { mode, mtimeNs } = lstatSync(directory, { bigint: true });
  return new Map([["", { kind: "directory", mode: Number(mode & 0o7777n), mtimeNs }]]);
}

class Editor {
  readonly #directory: string;
  readonly #tree: ModelTree;

  constructor(directory: string, tree: ModelTree) {
    this.#directory = directory;
    this.#tree = tree;
  }

  /** Returns the paths whose times may have changed, a directory after what is in it. */
  apply(edit: Edit): readonly string[] {
    switch (edit.do) {
      case "write":
        return this.#put(edit, (path) => this.#write(path, bytesOf(edit.bytes), edit.byRename));
      case "mkdir":
        return this.#put(edit, (path) => this.#makeDirectory(path));
      case "symlink":
        return this.#put(edit, (path) => {
          this.#clear(path);
          symlinkSync(Buffer.from(edit.target, "latin1"), this.#real(path));
          this.#tree.set(path, { kind: "symlink", target: edit.target, mtimeNs: 0n });
        });
      case "link":
      case "rename":
        return this.#fromTo(edit);
      case "append":
        return this.#change(edit, (path, file) => {
          const more = bytesOf(edit.bytes);
          appendFileSync(this.#real(path), more);
          file.bytes = Buffer.concat([file.bytes, more]);
        });
      case "overwrite":
        return this.#change(edit, (path, file) =>
          this.#overwrite(path, file, bytesOf(edit.bytes), edit.at),
        );
      case "truncate":
        return this.#change(edit, (path, file) => {
          truncateSync(this.#real(path), edit.size);
          file.bytes = Buffer.concat([file.bytes.subarray(0, edit.size)], edit.size);
        });
      default:
        return this.#attribute(edit);
    }
  }

  setTime(path: string, time: number): void {
    lutimesSync(this.#real(path), time, time);
  }

  /** The kernel's clock is not the model's: it takes over what the kernel wrote. */
  noteTimes(paths: readonly string[]): void {
    for (const path of paths) {
      const node = this.#tree.get(path);
      if (node !== undefined) node.mtimeNs = lstatSync(this.#real(path), { bigint: true }).mtimeNs;
    }
  }

  #put(edit: Named, make: (path: string) => void): readonly string[] {
    const directories = this.#paths((node) => node.kind === "directory");
    const parent = directories[edit.pick % directories.length]!;
    const path = childOf(parent, edit.name);
    make(path);
    return [path, parent];
  }

  #change(edit: Picked, change: (path: string, file: FileNode) => void): readonly string[] {
    const files = this.#paths((node) => node.kind === "file");
    if (files.length === 0) return [];
    const path = files[edit.pick % files.length]!;
    change(path, this.#tree.get(path) as FileNode);
    return [path];
  }

  #attribute(edit: Extract<Edit, { do: "chmod" | "utimes" | "remove" }>): readonly string[] {
    const paths = this.#paths((node, path) =>
      edit.do === "remove" ? path !== "" : node.kind !== "symlink",
    );
    if (paths.length === 0) return [];
    const path = paths[edit.pick % paths.length]!;
    if (edit.do === "remove") {
      this.#clear(path);
      return [parentOf(path)];
    }
    if (edit.do === "utimes") this.setTime(path, edit.seconds!);
    else {
      chmodSync(this.#real(path), edit.mode);
      (this.#tree.get(path) as FileNode).mode = edit.mode;
    }
    return [path];
  }

  #fromTo(edit: Extract<Edit, { do: "link" | "rename" }>): readonly string[] {
    const sources = this.#paths(
      (node, path) => path !== "" && (edit.do === "rename" || node.kind === "file"),
    );
    if (sources.length === 0) return [];
    const from = sources[edit.from % sources.length]!;
    const directories = this.#paths(
      (node, path) => node.kind === "directory" && !isWithin(path, from),
    );
    const parent = directories[edit.pick % directories.length]!;
    const path = childOf(parent, edit.name);
    if (isWithin(from, path)) return [];
    this.#clear(path);
    const node = this.#tree.get(from)!;
    if (edit.do === "link") {
      linkSync(this.#real(from), this.#real(path));
      this.#tree.set(path, node);
      return [path, parent];
    }
    move(this.#real(from), this.#real(path));
    for (const each of this.#paths((_, each) => isWithin(each, from))) {
      this.#tree.set(path + each.slice(from.length), this.#tree.get(each)!);
      this.#tree.delete(each);
    }
    return [path, parent, parentOf(from)];
  }

  #write(path: string, bytes: Buffer, byRename: boolean): void {
    const standing = this.#tree.get(path);
    if (standing?.kind === "file" && !byRename) {
      writeFileSync(this.#real(path), bytes);
      standing.bytes = bytes;
      // Writing takes set-user-ID and set-group-ID away, except from root.
      standing.mode = lstatSync(this.#real(path)).mode & 0o7777;
      return;
    }
    if (standing?.kind === "file") {
      const temporary = `${path.slice(0, path.lastIndexOf("/") + 1)}.temporary`;
      writeFileSync(this.#real(temporary), bytes);
      renameSync(this.#real(temporary), this.#real(path));
    } else {
      this.#clear(path);
      writeFileSync(this.#real(path), bytes);
    }
    const mode = lstatSync(this.#real(path)).mode & 0o7777;
    this.#tree.set(path, { kind: "file", bytes, mode, mtimeNs: 0n });
  }

  /** Writes in the middle, or behind the end, which leaves a hole. */
  #overwrite(path: string, file: FileNode, bytes: Buffer, at: number): void {
    const descriptor = openSync(this.#real(path), "r+");
    if (bytes.length > 0) writeSync(descriptor, bytes, 0, bytes.length, at);
    closeSync(descriptor);
    if (bytes.length === 0) return;
    const whole = Buffer.alloc(Math.max(file.bytes.length, at + bytes.length));
    file.bytes.copy(whole);
    bytes.copy(whole, at);
    file.bytes = whole;
  }

  #makeDirectory(path: string): void {
    if (this.#tree.get(path)?.kind === "directory") return;
    this.#clear(path);
    mkdirSync(this.#real(path), { mode: 0o755 });
    const mode = lstatSync(this.#real(path)).mode & 0o7777;
    this.#tree.set(path, { kind: "directory", mode, mtimeNs: 0n });
  }

  #clear(path: string): void {
    rmSync(this.#real(path), { recursive: true, force: true });
    for (const each of this.#paths((_, each) => isWithin(each, path))) this.#tree.delete(each);
  }

  #paths(matches: (node: ModelNode, path: string) => boolean): string[] {
    return [...this.#tree].flatMap(([path, node]) => (matches(node, path) ? [path] : [])).sort();
  }

  #real(path: string): Buffer {
    return entryPath(this.#directory, path);
  }
}

type FileNode = Extract<ModelNode, { kind: "file" }>;
