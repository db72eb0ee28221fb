/** BorgBackup without encryption and with its default compression (lz4). */
import { join } from "node:path";
import { programVersion } from "./rival.mjs";

/** The repository's index, which bytes of its segments are dead, and checksums of both: in find(1)'s words. */
const INDEX_NAMES = [
  ...["(", "-name", "index.*", "-o", "-name", "hints.*"],
  ...["-o", "-name", "integrity.*", ")"],
];

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
  upkeep: {
    data: ({ repository }) => join(repository, "data"),
    verify: (store) => [run(store, ["check", "--verify-data", store.repository], store.root)],
    remove: (store, removed) => [run(store, ["delete", store.repository, ...removed], store.root)],
    free: (store) => [run(store, ["compact", store.repository], store.root)],
    loseIndex: ({ repository }) => [
      { argv: ["find", repository, "-maxdepth", "1", ...INDEX_NAMES, "-delete"] },
    ],
    repair: (store) => [run(store, ["check", "--repair", store.repository], store.root)],
  },
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
    // others answer its questions: about repositories that are not encrypted, or copies, and about repairs.
    env: {
      BORG_BASE_DIR: store.cache,
      BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes",
      BORG_RELOCATED_REPO_ACCESS_IS_OK: "yes",
      ...(argv.includes("--repair") ? { BORG_CHECK_I_KNOW_WHAT_I_AM_DOING: "YES" } : {}),
    },
  };
}
