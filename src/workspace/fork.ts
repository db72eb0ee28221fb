/**
 * Fork: a workspace from a snapshot.
 */
import type { Stats } from "node:fs";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  statSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { checkName, checkWord } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import { newId } from "../model/new-id.js";
import { parseOmitted } from "../model/omitted-paths.js";
import { explainFailure } from "../model/system-failure.js";
import type { TreePath } from "../model/tree-path.js";
import type { Engine } from "../snapshot/engine.js";
import { deepestExisting, workspaceDirectory } from "../snapshot/source.js";
import type { DriverName, WorkspaceFiles } from "./driver.js";
import { DRIVER_NAMES } from "./driver.js";
import { chooseDriver } from "./drivers.js";
import { Workspace } from "./workspace.js";

/** How a snapshot is forked. */
export interface ForkOptions {
  /** The directory to work in: missing or empty, outside the store. @default one in the store */
  readonly dir?: string;
  /** A name for the workspace, unique in the store. */
  readonly name?: string;
  /** The only driver that will do. @default the best that works here */
  readonly driver?: DriverName;
  /**
   * Paths that no snapshot of it has, with all below them, whether they are there or not: files with secrets, say. Another
   * name for such a file, as by renaming or linking it, is none of them. What the snapshot has there is in the workspace, and
   * counts as left out from the first capture on.
   * @default none; of a fork of a workspace those that the workspace omits
   */
  readonly omit?: readonly TreePath[];
  /** What `await using` does at the end. @default "keep" */
  readonly onExit?: "discard" | "keep";
  /** Ends what a fork takes time for, such as the first one of a state; nothing is left then. */
  readonly signal?: AbortSignal;
}

/** What callers within the library may choose beside. */
export interface OwnForkOptions {
  /** Whether nobody is to write to it. */
  readonly isReadOnly: boolean;
}

/** Forks a snapshot; see `Store.fork`. */
export async function fork(
  engine: Engine,
  snapshot: SnapshotRow,
  options: ForkOptions,
  { isReadOnly }: OwnForkOptions = { isReadOnly: false },
): Promise<Workspace> {
  const { name, onExit = "keep", signal } = options;
  checkName(name);
  checkWord("onExit", onExit, ["discard", "keep"]);
  checkWord("driver", options.driver, DRIVER_NAMES);
  const omit = parseOmitted(options.omit ?? []);
  const action = `fork snapshot ${snapshot.id}`;
  const id = newId();
  let made: { readonly files: WorkspaceFiles; readonly row: WorkspaceRow } | undefined;
  let target: Target | undefined;
  try {
    signal?.throwIfAborted();
    if (options.dir !== undefined) target = findTarget(engine.directory, options.dir);
    const { driver, passedOver } = await chooseDriver(
      engine,
      target?.existing ?? engine.directory,
      options.driver,
      isReadOnly,
    );
    const row: WorkspaceRow = {
      id,
      path: target?.path ?? join(engine.directory, workspaceDirectory(id)),
      name,
      driver: driver.name,
      base: snapshot.id,
      head: snapshot.id,
      createdMs: Date.now(),
      bootId: engine.disk.bootId,
      isReadOnly,
      isWhole: true,
      passedOver,
      layer: "",
      omit,
    };
    const files = driver.files(row);
    made = { files, row };
    await files.reset(row, snapshot, signal);
    return new Workspace({ engine, row, files, onExit, fork });
  } catch (error) {
    if (made !== undefined) await undo(made.files, made.row);
    if (target !== undefined) putBack(target);
    throw explainFailure(error, action, signal, "nothing was left");
  }
}

/** A directory that was asked for. */
interface Target {
  /** Absolute, with symbolic links resolved as far as it is there. */
  readonly path: string;
  /** The deepest directory on the way that is there. */
  readonly existing: string;
  readonly standing: Stats;
}

/**
 * Returns the directory to work in, which is empty or not there yet.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT, NOT_A_DIRECTORY, TARGET_NOT_EMPTY
 */
function findTarget(store: string, dir: string): Target {
  const wanted = resolve(dir);
  const above = deepestExisting(wanted);
  const existing = realpathSync(above);
  const path = join(existing, relative(above, wanted));
  const standing = statSync(existing);
  if (!standing.isDirectory()) {
    throw new CoppiceError(
      "NOT_A_DIRECTORY",
      `Cannot fork to ${path}: ${existing} is not a directory, give another path`,
      { path: existing },
    );
  }
  if (isWithin(path, store) || isWithin(store, path)) {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot fork to ${path}: it and the store ${store} must not lie in one another, give another directory`,
      { path },
    );
  }
  if (path === existing && readdirSync(path).length > 0) {
    throw new CoppiceError(
      "TARGET_NOT_EMPTY",
      `Cannot fork to ${path}: it has content, give an empty directory or one that is not there yet`,
      { path },
    );
  }
  return { path, existing, standing };
}

/** Takes away what a fork that failed has made. */
async function undo(files: WorkspaceFiles, row: WorkspaceRow): Promise<void> {
  try {
    await files.remove(row, true);
  } catch {
    // The error that is on its way says what went wrong; what is left is found and cleared later.
  }
}

/** Leaves the directories on the way to a fork's own as they were, as far as nobody else has put something there. */
function putBack({ path, existing, standing }: Target): void {
  try {
    for (let each = path; each !== existing; each = dirname(each)) rmdirSync(each);
    if (existsSync(existing)) return;
    mkdirSync(existing, { mode: 0o700 });
    chownSync(existing, standing.uid, standing.gid);
    chmodSync(existing, standing.mode & 0o7777);
  } catch {
    // The error that is on its way says what went wrong.
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
