/**
 * GNU tar, uncompressed. Once as it is, and once with the archive synced, which is what a capture with
 * durability "full" promises.
 */
import { join } from "node:path";
import { programVersion } from "./rival.mjs";

/** `tar cf`, which leaves the archive in the page cache. */
export const tar = tarRival({
  name: "tar",
  summary: "`tar cf`; again: `--listed-incremental`, made ready by a full dump",
  durability: "nothing synced",
  afterwards: () => [],
  restore: ({ repository }, label, target) => [
    { argv: ["tar", "-C", target, "-xf", join(repository, `${label}.tar`)] },
  ],
});

/** `tar cf` and an fsync of the archive. */
export const tarSynced = tarRival({
  name: "tar-synced",
  summary: "`tar cf` and `sync` of the archive; its restore is that of tar",
  durability: "archive synced",
  afterwards: (archive) => [{ argv: ["sync", archive] }],
});

/**
 * @param {object} variant
 * @param {string} variant.name
 * @param {string} variant.summary
 * @param {string} variant.durability
 * @param {(archive: string) => import("./rival.mjs").Command[]} variant.afterwards
 * @param {import("./rival.mjs").Rival["restore"]} [variant.restore]
 * @returns {import("./rival.mjs").Rival}
 */
function tarRival({ name, summary, durability, afterwards, restore }) {
  return {
    name,
    summary,
    durability,
    install: "part of every Debian system",
    version: () => programVersion("tar"),
    keepsHistory: false,
    prepare: () => [],
    capture(tree, { repository }, label) {
      const archive = join(repository, `${label}.tar`);
      return [{ argv: ["tar", "-C", tree, "-cf", archive, "."] }, ...afterwards(archive)];
    },
    prepareAgain: (tree, store) => [incremental(tree, store, "base")],
    captureAgain: (tree, store, label) => [
      incremental(tree, store, label),
      ...afterwards(join(store.repository, `${label}.tar`)),
    ],
    restore,
    takeIn: (_store, bundle, target) => [{ argv: ["tar", "-C", target, "-xzf", bundle] }],
  };
}

/**
 * Returns the command that archives what has changed since the last incremental dump.
 * @param {string} tree
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string} label
 * @returns {import("./rival.mjs").Command}
 */
function incremental(tree, { repository }, label) {
  const state = `--listed-incremental=${join(repository, "state.snar")}`;
  return { argv: ["tar", "-C", tree, state, "-cf", join(repository, `${label}.tar`), "."] };
}
