/**
 * Compares two directories with tools that know nothing of Coppice: content by diff, the rest by find.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** As large as the listing of some million files. */
const OUTPUT_BYTES_MAX = 512 * 1024 * 1024;

/** Only root can give files to other owners, so only root can be held to them. */
const OWNER = process.geteuid?.() === 0 ? " %U %G" : "";
/**
 * The inode, which is told apart from others and not compared; then path, kind, mode, owner, time in nanoseconds, size and
 * target. A directory's size is the file system's own.
 */
const DIRECTORY_LINE = `- %P %y %m${OWNER} %T@\\n`;
const OTHER_LINE = `%D:%i %P %y %m${OWNER} %T@ %s %l\\n`;

/**
 * @typedef {object} Comparison
 * @property {boolean} isEqual
 * @property {string[]} differences the first of them, as the tools tell them
 */

/**
 * Compares names, content, kinds, modes, times, sizes, numbers of hard links within the directory and targets of
 * symbolic links; owners as root. Reads both directories whole.
 * @param {string} first
 * @param {string} second
 * @returns {Promise<Comparison>}
 */
export async function compareDirectories(first, second) {
  const content = await tellsContentApart(first, second);
  const [a, b] = await Promise.all([listing(first), listing(second)]);
  const listings = [...missing(a, b, "-"), ...missing(b, a, "+")];
  const differences = [...content, ...listings];
  return { isEqual: differences.length === 0, differences: differences.slice(0, 10) };
}

/**
 * Returns what diff says, a line for each difference.
 * @param {string} first
 * @param {string} second
 */
async function tellsContentApart(first, second) {
  try {
    await run("diff", ["--recursive", "--no-dereference", "--brief", first, second], {
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return [];
  } catch (error) {
    const { code, stdout } = /** @type {{ code?: unknown, stdout?: string }} */ (error);
    // 1 means "different"; anything else, that diff could not compare.
    if (code !== 1 || stdout === undefined) throw error;
    return stdout.split("\n").filter(Boolean);
  }
}

/**
 * Returns find's lines. Names are bytes: read as Latin-1, each of them survives.
 * @param {string} directory
 */
async function listing(directory) {
  const expression = ["-type", "d", "-printf", DIRECTORY_LINE, "-o", "-printf", OTHER_LINE];
  const { stdout } = await run("find", [directory, ...expression], {
    encoding: "latin1",
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  const lines = stdout.split("\n").filter(Boolean).map(splitInode);
  /** @type {Map<string, number>} */
  const names = new Map();
  for (const { inode } of lines) names.set(inode, (names.get(inode) ?? 0) + 1);
  // Names of a file that lie elsewhere are nothing of the directory's.
  return lines.map(({ inode, text }) =>
    inode === "-" ? text : `${text} names: ${names.get(inode)}`,
  );
}

/** @param {string} line */
function splitInode(line) {
  const end = line.indexOf(" ");
  return { inode: line.slice(0, end), text: line.slice(end + 1) };
}

/**
 * Returns the lines that only the first list has.
 * @param {string[]} lines
 * @param {string[]} others
 * @param {string} sign
 */
function missing(lines, others, sign) {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line)).map((line) => `${sign} ${line}`);
}
