/**
 * The model: a directory as a plain map. An edit is made to the map and to a real directory alike; from
 * then on the two must agree, and so must whatever is captured, restored or compared.
 */
import { describeBytes, type Listed, type Listing } from "./listing.js";

/** What a path is; two names of one file share one object. */
export type ModelNode =
  | { readonly kind: "file"; bytes: Buffer; mode: number; mtimeNs: bigint }
  | { readonly kind: "directory"; mode: number; mtimeNs: bigint }
  | { readonly kind: "symlink"; readonly target: string; mtimeNs: bigint };

/** By path in Latin-1; the directory itself is `""`. */
export type ModelTree = Map<string, ModelNode>;

/** Returns the directory of a path. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Returns the path of a name in a directory. */
export function childOf(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** Whether a path is another one or lies below it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === "" || path === directory || path.startsWith(`${directory}/`);
}

/** Returns a copy that later edits leave alone; names of one file stay names of one file. */
export function cloneTree(tree: ModelTree): ModelTree {
  const copies = new Map<ModelNode, ModelNode>();
  const copyOf = (node: ModelNode): ModelNode => {
    const copy = copies.get(node) ?? { ...node };
    copies.set(node, copy);
    return copy;
  };
  return new Map([...tree].map(([path, node]) => [path, copyOf(node)]));
}

/** Returns what `listTree` must find. */
export function listModel(tree: ModelTree, owner: string): Listing {
  const firstPaths = new Map<ModelNode, string>();
  const counts = new Map<ModelNode, number>();
  for (const path of [...tree.keys()].sort()) {
    const node = tree.get(path)!;
    if (!firstPaths.has(node)) firstPaths.set(node, path);
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  const listing = new Map<string, Listed>();
  for (const [path, node] of tree) {
    const { kind, mtimeNs } = node;
    const link = counts.get(node)! > 1 ? { link: firstPaths.get(node)! } : {};
    const mode = node.kind === "symlink" ? 0o777 : node.mode;
    listing.set(path, { kind, mode, owner, mtimeNs, content: contentOf(node), ...link });
  }
  return listing;
}

const described = new WeakMap<Buffer, string>();

function contentOf(node: ModelNode): string {
  if (node.kind !== "file") return node.kind === "symlink" ? node.target : "";
  const text = described.get(node.bytes) ?? describeBytes(node.bytes);
  described.set(node.bytes, text);
  return text;
}
