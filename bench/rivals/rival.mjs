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
 * @property {(tree: string, store: StorePaths, label: string) => Command[]} capture
 *   `label` names the capture; the first of a store is "first"
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
 */

/**
 * Returns the first line that a program prints about its version, or undefined when it cannot
 * be run.
 * @param {string} program
 * @param {string} [argument]
 */
export function programVersion(program, argument = "--version") {
  const { status, stdout } = spawnSync(program, [argument], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0] : undefined;
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
