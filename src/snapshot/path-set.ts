/**
 * Path set: a set of paths that knows what lies above a path.
 */

export class PathSet {
  readonly #paths = new Set<string>();

  add(path: Buffer): void {
    this.#paths.add(path.toString("latin1"));
  }

  /** Adds every directory above a path. */
  addAbove(path: Buffer): void {
    for (const each of above(path)) this.#paths.add(each);
  }

  has(path: Buffer): boolean {
    return this.#paths.has(path.toString("latin1"));
  }

  hasAtOrAbove(path: Buffer): boolean {
    if (this.#paths.size === 0) return false;
    if (this.has(path)) return true;
    for (const each of above(path)) if (this.#paths.has(each)) return true;
    return false;
  }
}

function* above(path: Buffer): Generator<string> {
  const text = path.toString("latin1");
  for (let slash = text.lastIndexOf("/"); slash > 0; slash = text.lastIndexOf("/", slash - 1))
    yield text.slice(0, slash);
}
