/**
 * The real tree: what `npm ci` installs from the pinned lock file beside this module.
 * Install scripts do not run and optional packages (binaries chosen by platform) are left out,
 * so that every machine gets the same files.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGES = fileURLToPath(new URL("packages/", import.meta.url));
const FILES = ["package.json", "package-lock.json", ".npmrc"];
const INSTALL = ["ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"];

/** @type {import("./data-set.mjs").DataSet} */
export const nodeModules = {
  name: "node-modules",
  description: "a real node_modules, installed from a pinned lock file",
  recipe() {
    const hash = createHash("sha256");
    for (const file of FILES) hash.update(readFileSync(join(PACKAGES, file)));
    return `${hash.digest("hex")} npm ${INSTALL.join(" ")}`;
  },
  make(directory) {
    for (const file of FILES) copyFileSync(join(PACKAGES, file), join(directory, file));
    const { status } = spawnSync("npm", INSTALL, {
      cwd: directory,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) {
      throw new Error(`Cannot install the packages: npm exited with ${status}, see its output`);
    }
  },
};
