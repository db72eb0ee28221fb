/**
 * Find obstacles: what of a directory is no longer as a scan found it, where a plan is about to write.
 */
import { ENTRY_FLAGS } from "../scan/directory-block.js";
import { FileStatus } from "../scan/file-status.js";
import type { ScannedDirectory } from "../scan/scanned-directory.js";
import { joinPath, nameFromBytes, pathBytes } from "../scan/source-directory.js";
import { lanesEqual } from "../scan/stat-lanes.js";
import type { TreeScan } from "../scan/tree-scan.js";
import type { SystemPath } from "../system/system-path.js";
import { recordName } from "../tree/entry-codec.js";
import type { DirectoryStep } from "./restore-step.js";
import { TargetDirectories } from "./target-directory.js";

/** Something in the way of a plan. */
export interface Obstacle {
  /** From the root down. */
  readonly names: readonly Buffer[];
  /** `unseen`: something stands where the scan saw nothing; `changed`: something touched it since, or it is gone. */
  readonly what: "unseen" | "changed";
}

/**
 * Returns what is in the way of some steps. Costs a look at every name that they touch, and at what is below the
 * directories that they remove.
 *
 * @param root the directory that was scanned
 */
export function findObstacles(
  root: string,
  scan: TreeScan,
  steps: readonly DirectoryStep[],
): Obstacle[] {
  if (steps.length === 0) return [];
  const finder = new ObstacleFinder(root, scan);
  try {
    for (const step of steps) finder.check(step);
    return finder.found;
  } finally {
    finder.close();
  }
}

/** Errors for a path that leads elsewhere than it did. */
const MOVED = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

class ObstacleFinder {
  readonly found: Obstacle[] = [];
  readonly #targets: TargetDirectories;
  /** By path in Latin-1. */
  readonly #scanned = new Map<string, ScannedDirectory>();

  constructor(root: string, scan: TreeScan) {
    this.#targets = new TargetDirectories(root);
    for (const each of scan.directories)
      if (!each.isGone) this.#scanned.set(pathBytes(each.path).toString("latin1"), each);
  }

  close(): void {
    this.#targets.close();
  }

  check({ names, steps }: DirectoryStep): void {
    const directory = this.#scanned.get(keyOf(names));
    if (directory === undefined) {
      // A new one: what is in it is new with it.
      const parent = this.#scanned.get(keyOf(names.slice(0, -1)));
      if (parent !== undefined && names.length > 0)
        this.#look(parent, names.slice(0, -1), [names.at(-1) as Buffer]);
      return;
    }
    this.#look(
      directory,
      names,
      steps.map(({ entry }) => entry.name),
    );
    for (const { action, entry } of steps)
      if (action === "remove" && entry.kind === "directory") this.#below([...names, entry.name]);
  }

  /** Looks at names in a directory that stands. */
  #look(directory: ScannedDirectory, names: readonly Buffer[], wanted: readonly Buffer[]): void {
    const entries = entriesOf(directory);
    let path: SystemPath;
    try {
      path = this.#targets.enter(names);
    } catch (error) {
      if (!MOVED.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      this.found.push({ names, what: "changed" });
      return;
    }
    for (const name of wanted) {
      const status = FileStatus.ofPath(joinPath(path, nameFromBytes(name)));
      const entry = entries.get(name.toString("latin1"));
      const isAsFound = entry === undefined ? !status : isUntouched(directory, entry, status);
      if (!isAsFound)
        this.found.push({
          names: [...names, name],
          what: entry === undefined ? "unseen" : "changed",
        });
    }
  }

  #below(names: readonly Buffer[]): void {
    const directory = this.#scanned.get(keyOf(names));
    if (directory === undefined) return;
    const entries = [...entriesOf(directory).keys()].map((name) => Buffer.from(name, "latin1"));
    this.#look(directory, names, entries);
    for (const child of directory.children) {
      if (!child.isGone) this.#below([...names, recordName(directory.block.record(child.entry))]);
    }
  }
}

function isUntouched(
  { block }: ScannedDirectory,
  entry: number,
  status: FileStatus | undefined,
): boolean {
  const at = block.lanesOf(entry);
  // A file that could not be read has no lanes (see unreadable).
  if (block.lanes.subarray(at, at + 4).every((lane) => lane === 0)) return status !== undefined;
  return status !== undefined && lanesEqual(block.lanes, at, status.lanes, 0);
}

/** Returns the entries of a directory by their names in Latin-1. */
function entriesOf({ block }: ScannedDirectory): Map<string, number> {
  const entries = new Map<string, number>();
  for (let entry = 0; entry < block.entryCount; entry++) {
    if ((block.flags(entry) & ENTRY_FLAGS.gone) === 0)
      entries.set(recordName(block.record(entry)).toString("latin1"), entry);
  }
  return entries;
}

function keyOf(names: readonly Buffer[]): string {
  return names.map((name) => name.toString("latin1")).join("/");
}
