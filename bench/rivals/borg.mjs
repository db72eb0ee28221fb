/** BorgBackup without encryption and with its default compression (lz4). */
import { programVersion } from "./rival.mjs";

/** @type {import("./rival.mjs").Rival} */
export const borg = {
  name: "borg",
  summary: "BorgBackup, `--encryption=none`, its default compression (lz4)",
  durability: "every segment synced",
  install: "apt-get install borgbackup",
  version: () => programVersion("borg"),
  keepsHistory: true,
  prepare: (store) => [
    run(store, ["init", "--encryption=none", store.repository], store.repository),
  ],
  capture: (tree, store, label) => [
    run(store, ["create", `${store.repository}::${label}`, "."], tree),
  ],
  restore: (store, label, target) => [
    run(store, ["extract", `${store.repository}::${label}`], target),
  ],
  diff: (store, from, to) => [
    run(store, ["diff", `${store.repository}::${from}`, to], store.repository),
  ],
};

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string[]} argv
 * @param {string} cwd
 * @returns {import("./rival.mjs").Command}
 */
function run(store, argv, cwd) {
  return {
    argv: ["borg", ...argv],
    cwd,
    // Its cache and security records lie beside the repository, not in the home directory; the
    // second variable answers its question about repositories that are not encrypted.
    env: { BORG_BASE_DIR: store.cache, BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes" },
  };
}
