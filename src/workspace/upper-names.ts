/**
 * Upper names: what an overlay's upper directory holds, name by name, and what that makes of the paths of
 * the layers below.
 */

/** What is under a name. */
export type UpperName =
  | { readonly kind: "whiteout" | "entry" }
  | {
      readonly kind: "directory";
      /** Whether nothing of the layers below is seen in it. */
      readonly isOpaque: boolean;
      /** Where the directory of the layers below lies, if elsewhere: a name beside it, or a path from the root that begins with `/`. */
      readonly redirect: Buffer | undefined;
    };

/** Paths are Latin-1, so that each byte is a character, relative to the root, `""` for the root itself. */
export class UpperNames {
  readonly #names = new Map<string, UpperName>();
  /** The directories whose place is another one than below. */
  readonly #moved: string[] = [];

  set(path: string, name: UpperName): void {
    this.#names.set(path, name);
    if (name.kind === "directory" && name.redirect !== undefined) this.#moved.push(path);
  }

  /** Returns where what is seen under a path lies below, or `undefined` where it does not come from there. */
  pathBelow(path: string): string | undefined {
    let below = "";
    const names = path === "" ? [] : path.split("/");
    for (const [index, name] of names.entries()) {
      const upper = this.#names.get(names.slice(0, index + 1).join("/"));
      if (upper === undefined) return [below, ...names.slice(index)].filter(isSomething).join("/");
      if (upper.kind !== "directory" || upper.isOpaque) return undefined;
      const redirect = upper.redirect?.toString("latin1");
      below =
        redirect?.startsWith("/") === true ? redirect.slice(1) : join(below, redirect ?? name);
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

function join(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

function isSomething(text: string): boolean {
  return text !== "";
}
