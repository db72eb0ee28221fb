/** The commands that measure file systems in memory: see measure-in-process.mjs. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MEASURE = fileURLToPath(new URL("measure-in-process.mjs", import.meta.url));

export const INSTALL = "npm ci --ignore-scripts --prefix bench/rivals/in-process";

/**
 * Returns how the overlays of one kind are measured.
 * @param {"coppice" | "memfs" | "just-bash" | "zenfs" | "agentfs"} kind
 * @param {Omit<import("../rival.mjs").Overlays, "command">} abilities
 * @returns {import("../rival.mjs").Overlays}
 */
export function overlaysOf(kind, abilities) {
  return {
    ...abilities,
    command: (verb, { directory, files, sync }) => ({
      argv: [
        ...[process.execPath, "--expose-gc", MEASURE, kind, verb],
        ...["--directory", directory, "--files", String(files), ...(sync ? ["--sync"] : [])],
      ],
    }),
  };
}

/**
 * Returns the version of a package, or undefined when it is not installed.
 * @param {string} name
 */
export function packageVersion(name) {
  try {
    const path = new URL(`node_modules/${name}/package.json`, import.meta.url);
    return `${name} ${JSON.parse(readFileSync(path, "utf8")).version}`;
  } catch {
    // Not there: its figures are left out, and the report says how to get it.
    return undefined;
  }
}
