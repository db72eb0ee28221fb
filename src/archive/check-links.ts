/**
 * Check links: whether a symbolic link of an archive leads out of its tree, by whatever links on the way.
 *
 * It is asked of the tree as it is at the end, since a link may be harmless until the directory before it becomes a link. What
 * is missing on the way counts as a directory: it may come to be. So does a file, and a link that leads in circles.
 */

import { archiveUnsafe } from "./archive-error.js";
import type { ArchiveDirectory, ArchiveLeaf } from "./archive-tree.js";
import { walkTree } from "./archive-tree-walk.js";

/** Somewhere in the tree: so many names that are not there below a directory that is. */
interface Position {
  readonly directory: ArchiveDirectory;
  readonly below: number;
}

/** A link that is being followed. */
interface Following {
  readonly link: ArchiveLeaf;
  readonly directory: ArchiveDirectory;
  readonly name: string;
  readonly names: readonly string[];
  next: number;
  at: Position;
}

/** @throws {CoppiceError} ARCHIVE_UNSAFE */
export function checkLinks(root: ArchiveDirectory): void {
  const check = new LinkCheck();
  for (const { directory, name, node } of walkTree(root))
    if (node.kind === "symlink") check.follow(node, directory, name);
}

class LinkCheck {
  /** Where links lead, by where they are: one link may have several names. "underway" of one that is followed right now. */
  readonly #ends = new Map<ArchiveDirectory, Map<string, Position | "underway">>();

  /** No recursion: an archive can have links through links through links. Costs what all targets have in names. */
  follow(link: ArchiveLeaf, directory: ArchiveDirectory, name: string): void {
    if (this.#endOf(directory, name) !== undefined) return;
    const stack = [this.#begin(link, directory, name)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.names[top.next];
      if (next === undefined) {
        this.#note(top, top.at);
        stack.pop();
        continue;
      }
      const { directory: from, below } = top.at;
      if (next === "..") top.at = upFrom(top);
      else if (below > 0) top.at = { directory: from, below: below + 1 };
      else {
        const child = from.children.get(next);
        if (child?.kind === "directory") top.at = { directory: child, below: 0 };
        else if (child?.kind !== "symlink") top.at = { directory: from, below: 1 };
        else {
          const end = this.#endOf(from, next);
          if (end === undefined) {
            stack.push(this.#begin(child, from, next));
            continue;
          }
          top.at = end === "underway" ? { directory: from, below: 1 } : end;
        }
      }
      top.next++;
    }
  }

  #begin(link: ArchiveLeaf, directory: ArchiveDirectory, name: string): Following {
    const target = (link.target as Buffer).toString("latin1");
    const names = target.split("/").filter((each) => each !== "" && each !== ".");
    const following = { link, directory, name, names, next: 0, at: { directory, below: 0 } };
    if (target.startsWith("/")) throw outside(following, "is an absolute symbolic link");
    this.#note(following, "underway");
    return following;
  }

  #endOf(directory: ArchiveDirectory, name: string): Position | "underway" | undefined {
    return this.#ends.get(directory)?.get(name);
  }

  #note({ directory, name }: Following, end: Position | "underway"): void {
    const ends = this.#ends.get(directory) ?? new Map<string, Position | "underway">();
    this.#ends.set(directory, ends.set(name, end));
  }
}

function upFrom(following: Following): Position {
  const { directory, below } = following.at;
  if (below > 0) return { directory, below: below - 1 };
  if (directory.parent === undefined)
    throw outside(following, "is a symbolic link that leads out of the archive's tree");
  return { directory: directory.parent, below: 0 };
}

function outside({ link, directory, name }: Following, state: string): Error {
  const names = [name];
  for (let at = directory; at.parent !== undefined; at = at.parent) names.unshift(at.name);
  const place = { number: link.number, path: Buffer.from(names.join("/"), "latin1") };
  const target = JSON.stringify((link.target as Buffer).toString());
  return archiveUnsafe(
    "link-outside",
    `${state}, to ${target}`,
    place,
    'allow it with links: "any" if it is meant to',
  );
}
