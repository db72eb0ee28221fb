/**
 * restic, with its defaults and once without compression, which it does by default and Coppice
 * does not. Its encryption cannot be turned off. The cache lies beside the repository instead of in the
 * home directory, so that it is on the same disk, starts empty and is removed with the store.
 */
import { join } from "node:path";
import { programVersion } from "./rival.mjs";

/** restic with its defaults: zstd and AES. */
export const restic = resticRival("restic", "restic as it comes: compressed, encrypted", []);

/** restic without compression. */
export const resticRaw = resticRival("restic-raw", "restic with `--compression off`", [
  "--compression",
  "off",
]);

/**
 * @param {string} name
 * @param {string} summary
 * @param {string[]} options
 * @returns {import("./rival.mjs").Rival}
 */
function resticRival(name, summary, options) {
  /**
   * @param {import("./rival.mjs").StorePaths} store
   * @param {string[]} argv
   * @param {string} [cwd]
   */
  const run = (store, argv, cwd) => ({
    argv: ["restic", "--repo", store.repository, "--quiet", ...options, ...argv],
    env: { RESTIC_PASSWORD: "bench", RESTIC_CACHE_DIR: store.cache },
    ...(cwd === undefined ? {} : { cwd }),
  });
  return {
    name,
    summary,
    durability: "every pack synced",
    install: "apt-get install restic",
    version: () => programVersion("restic", "version"),
    keepsHistory: true,
    prepare: (store) => [run(store, ["init"])],
    capture: (tree, store, label) => [run(store, ["backup", "--tag", label, "."], tree)],
    restore: (store, label, target) => [
      run(store, ["restore", "latest", "--tag", label, "--target", target]),
    ],
    upkeep: {
      data: ({ repository }) => join(repository, "data"),
      verify: (store) => [run(store, ["check", "--read-data"])],
      remove: (store, _, kept) => [
        run(store, ["forget", ...kept.flatMap((label) => ["--keep-tag", label])]),
      ],
      free: (store) => [run(store, ["prune"])],
      // Those of the repository and their copies in the cache.
      loseIndex: ({ root }) => [
        { argv: ["find", root, "-path", "*/index/*", "-type", "f", "-delete"] },
      ],
      repair: (store) => [run(store, ["rebuild-index"])],
    },
  };
}
