/** Applies a diff to what it starts from, knowing nothing but what the diff says. */
import type { Change } from "#dist/snapshot/diff.js";
import type { EntryInfo } from "#dist/snapshot/entry-info.js";
import type { Snapshot } from "#dist/snapshot/snapshot.js";
import { isWithin } from "./tree-model.js";

/** Entries by path in Latin-1; the root is `""`. */
export type Entries = Map<string, EntryInfo>;

/** Returns all entries of a snapshot. */
export async function entriesOf(snapshot: Snapshot): Promise<Entries> {
  const entries: Entries = new Map([["", await snapshot.stat("")]]);
  for await (const entry of snapshot.walk()) entries.set(pathOf(entry), entry);
  return entries;
}

/**
 * Returns the entries that a diff leads to.
 *
 * @throws {Error} when a change does not fit: it removes what is not there, or adds what is
 */
export function applyChanges(before: Entries, changes: readonly Change[]): Entries {
  const entries: Entries = new Map(before);
  const moved: [string, EntryInfo][] = [];
  // What goes, goes first: a path may be free only because another entry left it.
  for (const change of changes) {
    if (change.change !== "renamed") continue;
    const from = pathOf(change.before);
    const to = pathOf(change.after);
    for (const [path, entry] of below(entries, from)) {
      entries.delete(path);
      moved.push([to + path.slice(from.length), path === from ? change.after : entry]);
    }
  }
  for (const change of [...changes].reverse()) {
    if (change.change !== "removed") continue;
    const path = pathOf(change.before);
    if (!entries.delete(path)) throw new Error(`Nothing to remove at ${path}`);
  }
  for (const change of changes) {
    if (change.change !== "type-changed" && change.change !== "modified") continue;
    const path = pathOf(change.after);
    if (!entries.has(path)) throw new Error(`Nothing to modify at ${path}`);
    entries.set(path, change.after);
  }
  const added = changes.flatMap((change) =>
    change.change === "added" ? [[pathOf(change.after), change.after] as const] : [],
  );
  for (const [path, entry] of [...moved, ...added]) {
    if (entries.has(path)) throw new Error(`Something is already at ${path}`);
    entries.set(path, entry);
  }
  return entries;
}

/** Returns entries as lines to compare; what a directory sums up of what is below it is left out. */
export function entryLines(entries: Entries): string[] {
  return [...entries].map(([path, entry]) => `${path || "."} ${describe(entry)}`).sort();
}

function describe({ kind, mode, uid, gid, mtimeNs, xattrs, ...entry }: EntryInfo): string {
  const content =
    kind === "directory" ? "" : `${entry.sizeBytes} ${entry.digest ?? ""} ${entry.target ?? ""}`;
  const attributes = xattrs.map(({ name, value }) => `${name}=${value.toString("hex")}`);
  return [kind, mode.toString(8), `${uid}:${gid}`, mtimeNs, content, ...attributes].join(" ");
}

function below(entries: Entries, directory: string): [string, EntryInfo][] {
  return [...entries].filter(([path]) => isWithin(path, directory));
}

function pathOf(entry: EntryInfo): string {
  return entry.pathBytes.toString("latin1");
}
