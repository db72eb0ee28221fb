/**
 * Upper names: what the names in an overlay's upper directory make of the paths of the layers below.
 */
import type { SeenDirectory } from "./seen-directory.js";

/** Paths are Latin-1, so that each byte is a character, relative to the root, `""` for the root itself. */
export class UpperNames {
  readonly #root: SeenDirectory;
  /** The directories whose place is another one than below. */
  readonly #moved: string[] = [];

  constructor(root: SeenDirectory) {
    this.#root = root;
    for (const [path, { listing }] of directoriesOf(root))
      if (listing.notes.redirect !== undefined) this.#moved.push(path);
  }

  /** Returns where what is seen under a path lies below, or `undefined` where it does not come from there. */
  pathBelow(path: string): string | undefined {
    let below = "";
    let directory = this.#root;
    const names = path === "" ? [] : path.split("/");
    for (const [index, name] of names.entries()) {
      const position = directory.listing.positionOf(name);
      if (position === undefined)
        return [below, ...names.slice(index)].filter(isSomething).join("/");
      const child = directory.children.get(position);
      if (child === undefined || child.listing.notes.isOpaque) return undefined;
      const redirect = child.listing.notes.redirect?.toString("latin1");
      below =
        redirect?.startsWith("/") === true ? redirect.slice(1) : join(below, redirect ?? name);
      directory = child;
    }
    return below;
  }

  /** Returns where what lies below under a path is seen: nowhere, in its place or in another one. */
  pathsAbove(below: string): string[] {
    const candidates = [below];
    for (const moved of this.#moved) {
      const from = this.pathBelow(moved);
      if (from !== undefined && below.startsWith(`${from}/`))
        candidates.push(`${moved}${below.slice(from.length)}`);
    }
    return candidates.filter((path) => this.pathBelow(path) === below);
  }
}

/**
 * Yields a directory and all below it, with their paths.
 *
 * @param isWanted whether one is wanted with all below it @default all
 */
export function* directoriesOf(
  directory: SeenDirectory,
  isWanted: (directory: SeenDirectory) => boolean = () => true,
  path = "",
): Generator<readonly [path: string, directory: SeenDirectory]> {
  if (!isWanted(directory)) return;
  yield [path, directory];
  for (const [position, child] of directory.children)
    yield* directoriesOf(child, isWanted, join(path, directory.listing.keys[position] as string));
}

/** Returns the path of a name in a directory. */
export function join(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

function isSomething(text: string): boolean {
  return text !== "";
}
