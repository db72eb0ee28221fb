/**
 * The one interface that all rivals stand behind. A rival does nothing itself: it names the
 * commands, and the workloads run, time or print them, so that what is documented is what runs.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** @typedef {import("../measure/run-commands.mjs").Command} Command */

/**
 * The directories of one store. They exist and are empty before `prepare`.
 * @typedef {object} StorePaths
 * @property {string} root holds the two others
 * @property {string} repository what the rival keeps: its bytes are counted
 * @property {string} cache what it may lose: not counted
 */

/**
 * @typedef {object} Rival
 * @property {string} name
 * @property {string} summary what it does, in one line of the report
 * @property {string} durability what it has synced when a capture returns
 * @property {string} install how to get it
 * @property {() => string | undefined} version undefined when it is not installed
 * @property {boolean} keepsHistory a second capture leaves the first one readable
 * @property {boolean} [timesItself] prints `{"elapsedMs": number}`, which is taken as its time
 * @property {(store: StorePaths) => Command[]} prepare makes an empty store; not timed
 * @property {(tree: string, store: StorePaths, label: string) => Command[]} [capture]
 *   `label` names the capture; the first of a store is "first"; absent where it only makes workspaces
 * @property {(store: StorePaths, label: string, stdout: string) => Command[]} [afterCapture]
 *   what later commands need, such as a name for the printed id; not timed
 * @property {(tree: string, store: StorePaths) => Command[]} [prepareAgain]
 *   what `captureAgain` needs besides an earlier capture; not timed
 * @property {(tree: string, store: StorePaths, label: string) => Command[]} [captureAgain]
 *   captures a tree of which the store has an earlier capture; by default that is `capture`
 * @property {(store: StorePaths, label: string, target: string) => Command[]} [restore]
 *   into a directory that exists and is empty; absent where it is that of another rival
 * @property {(store: StorePaths, label: string, tree: string) => Command[]} [restoreInPlace]
 *   brings a changed tree back, leaving alone what is equal
 * @property {(store: StorePaths, from: string, to: string) => Command[]} [diff]
 * @property {(store: StorePaths, base: string, ours: string, theirs: string) => Command[]} [prepareMerge]
 *   what `merge` needs besides the captures; not timed
 * @property {(store: StorePaths, base: string, ours: string, theirs: string) => Command[]} [merge]
 *   keeps what two captures changed since a third one as a new state, without a directory
 * @property {Workspaces} [workspaces] how it makes writable directories
 * @property {Overlays} [overlays] how it makes file systems in the process
 * @property {Upkeep} [upkeep] how it keeps its store whole and small
 * @property {(bytes: number) => Command[]} [hash] computes digests of so many bytes and does nothing else
 * @property {(store: StorePaths, bundle: string, target: string) => Command[]} [takeIn] takes in what is in a tar.gz: into the store, or
 *   into a new directory
 * @property {(directory: string, verb: "get" | "pages") => Command} [registry] makes a store in a new directory whose registry has 10,000 versions of
 *   an agent, and prints what asking for them takes
 * @property {(directory: string, verb: "record" | "ask", eventCount: number) => Command} [traces] makes a store in a new directory and
 *   records so many events of agents, or asks for those of a store that has them; prints the times of each call
 * @property {(directory: string, verb: "open" | "look-up") => Command} [chunkRows] opens the store of the data set of that
 *   name, or looks chunks up in it; prints `{"valuesMs": number[]}`
 */

/**
 * How a rival keeps a store whole and small.
 * @typedef {object} Upkeep
 * @property {(store: StorePaths) => string} data where the stored data lies, without an index
 * @property {(store: StorePaths) => Command[]} verify compares all stored bytes with their cryptographic digests
 * @property {(store: StorePaths, removed: readonly string[], kept: readonly string[]) => Command[]} remove takes
 *   captures out of the store, whose bytes may stay; both together are all that there are, in order
 * @property {(store: StorePaths) => Command[]} free gives the disk back what no capture needs any more
 * @property {(store: StorePaths) => Command[]} loseIndex removes what says where in the stored data things lie; not timed
 * @property {(store: StorePaths) => Command[]} repair makes that anew from the stored data
 */

/**
 * Where one writable directory lies.
 * @typedef {object} Place
 * @property {string} tree the original
 * @property {StorePaths} store in which `keep` has put it
 * @property {string} target the writable directory
 */

/**
 * How a rival makes writable directories from a tree that it keeps under the name "base", captures them and
 * takes them back. What has no counterpart is absent.
 * @typedef {object} Workspaces
 * @property {FileSystem} fileSystem where store and workspaces lie
 * @property {(tree: string, store: StorePaths) => Command[]} keep after `prepare`; not timed
 * @property {boolean} [buildsFirst] its first fork of a tree has to make something that the others share
 * @property {(place: Place) => Command[]} [fork] makes `target`, which is not there; absent where there are only `calls`
 * @property {string} [forkIsThatOf] the rival whose workspaces are the same and are measured in its place
 * @property {(place: Place, count: number) => Command[]} [forkMany] makes `target-1` and so on; absent where
 *   each costs what the tree is large
 * @property {(place: Place & { label: string, durability: Durability }) => Command[]} [snapshot]
 *   leaves the workspace in use
 * @property {(place: Place & { label: string, path: string }) => Command[]} [readBack]
 *   prints a file of a snapshot; not timed
 * @property {(place: Place & { last: string, aside: string }) => Command[]} [rollback] to the snapshot `last`, which is
 *   "base" where there is none; `aside` is a free path for what is to be removed later
 * @property {(place: Place, targets: readonly string[]) => Command[]} [discard] where removing the directory is not enough
 * @property {readonly string[]} [ownNames] names that it puts into a workspace beside the files of the tree
 * @property {(place: Place) => string[]} [reads] the directories that a fork reads; by default the repository
 * @property {Calls} [calls] the same without a process for each
 */

/**
 * File systems in the memory of a process, measured there: a process for each figure prints `{"unit", "values"}`.
 * @typedef {object} Overlays
 * @property {readonly string[]} verbs what it can do, of the names in in-process/measures.mjs
 * @property {boolean} hasSync it has synchronous calls too
 * @property {number} filesMax larger trees take it too long to make
 * @property {(verb: string, options: OverlayOptions) => Command} command
 */

/**
 * @typedef {object} OverlayOptions
 * @property {string} directory where it keeps what it needs on disk, the same for all processes
 * @property {number} files how many files there are
 * @property {boolean} sync by synchronous calls
 */

/**
 * Calls in a process that is already running, many in a row. The command prints `{"valuesMs": number[]}`.
 * @typedef {object} Calls
 * @property {readonly CallVerb[]} verbs
 * @property {(verb: CallVerb, options: CallOptions) => Command} command
 */

/**
 * @typedef {object} CallOptions
 * @property {string} tree
 * @property {StorePaths} store
 * @property {number} count
 * @property {Durability} durability
 * @property {boolean} verify compare once what was made with what it should be
 */

/** @typedef {"fork" | "fork-many" | "first-fork" | "snapshot-new" | "snapshot-again" | "unchanged" | "rollback"} CallVerb */
/** @typedef {"disk" | "xfs" | "btrfs"} FileSystem that of the bench directory, or one made for the run */
/** @typedef {"full" | "relaxed"} Durability */

/**
 * Returns the first line that a program prints about its version, or undefined when it cannot
 * be run.
 * @param {string} program
 * @param {string} [argument]
 */
export function programVersion(program, argument = "--version") {
  const { status, stdout } = spawnSync(program, [argument], { encoding: "utf8" });
  if (status !== 0) return undefined;
  // Some begin with a heading.
  return stdout.replace(/^(.*:)\n\s*/, "$1 ").split("\n")[0];
}

/**
 * Returns a command as one would type it, for the report.
 * @param {Command} command
 */
export function formatCommand({ argv, cwd, env = {} }) {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quote(value)}`);
  const program = argv[0] === process.execPath ? "node" : /** @type {string} */ (argv[0]);
  const words = [...variables, quote(program), ...argv.slice(1).map(quote)].join(" ");
  return cwd === undefined ? words : `cd ${quote(cwd)} && ${words}`;
}

/** @param {string} word */
function quote(word) {
  const short = word.replace(PACKAGE, "");
  return /^[\w@%+=:,./$-]+$/.test(short) ? short : `'${short.replaceAll("'", "'\\''")}'`;
}
