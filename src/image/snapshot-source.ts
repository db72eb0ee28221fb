/**
 * Snapshot source: all of a snapshot's tree as what an image is made of.
 */
import type { DirectoryEntry } from "../model/entry.js";
import { decodeEntry } from "../tree/entry-codec.js";
import type { Root } from "../tree/root.js";
import { linkGroups } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { allRecords } from "../tree/tree-reader.js";
import type { ImageDirectory, ImageItem, ImageSource } from "./image-source.js";

/** The names of a directory that have others elsewhere, and the directories below it that have such names. */
interface LinkedNames {
  readonly directories: Map<string, LinkedNames>;
  /** The group's number. */
  readonly groups: Map<string, number>;
}

/** Returns the source of a snapshot's root. The groups of hard links are read at once, trees when they are needed. */
export function snapshotSource(objects: ObjectSource, root: Root): ImageSource {
  return { root: directoryOf(objects, root.entry, linkedNames(objects, root)) };
}

function directoryOf(
  objects: ObjectSource,
  entry: DirectoryEntry,
  linked: LinkedNames | undefined,
): ImageDirectory {
  return {
    attributes: entry,
    isOpaque: false,
    *items(): Generator<ImageItem> {
      for (const record of allRecords(objects, entry.tree)) {
        const child = decodeEntry(record);
        if (child.kind === "directory") {
          const below = linked?.directories.get(child.name.toString("latin1"));
          yield { kind: "directory", directory: directoryOf(objects, child, below) };
        } else {
          const link = linked?.groups.get(child.name.toString("latin1"));
          yield { kind: "entry", entry: child, link };
        }
      }
    },
  };
}

function linkedNames(objects: ObjectSource, root: Root): LinkedNames | undefined {
  let top: LinkedNames | undefined;
  let number = 0;
  for (const group of linkGroups(objects, root)) {
    top ??= noNames();
    for (const path of group) note(top, path.toString("latin1").split("/"), number);
    number++;
  }
  return top;
}

function note(top: LinkedNames, names: string[], number: number): void {
  const last = names.pop() as string;
  let at = top;
  for (const name of names) {
    let below = at.directories.get(name);
    if (below === undefined) at.directories.set(name, (below = noNames()));
    at = below;
  }
  at.groups.set(last, number);
}

function noNames(): LinkedNames {
  return { directories: new Map(), groups: new Map() };
}
