/** All rivals, in the order in which they take turns. */
import { agentfsSdk } from "./agentfs-sdk.mjs";
import { bareOverlayfs } from "./bare-overlayfs.mjs";
import { borg } from "./borg.mjs";
import { btrfs } from "./btrfs.mjs";
import { coppice } from "./coppice.mjs";
import { coppiceLibrary } from "./coppice-library.mjs";
import { cp } from "./cp.mjs";
import { cpReflinkBtrfs, cpReflinkXfs } from "./cp-reflink.mjs";
import { git } from "./git.mjs";
import { justBash } from "./just-bash.mjs";
import { memfs } from "./memfs.mjs";
import { ostree } from "./ostree.mjs";
import { restic, resticRaw } from "./restic.mjs";
import { rsync } from "./rsync.mjs";
import { sha256, sha256Threads } from "./sha-256.mjs";
import { tar, tarSynced } from "./tar.mjs";
import { zenfs } from "./zenfs.mjs";

/**
 * Returns the rivals of the given names, or all.
 * @param {readonly string[]} names none means all
 * @param {import("./rival.mjs").Durability} durability what Coppice promises
 * @returns {import("./rival.mjs").Rival[]}
 * @throws {RangeError} when there is no rival of a name
 */
export function chooseRivals(names, durability) {
  const all = [
    coppice(durability),
    coppiceLibrary(durability),
    bareOverlayfs,
    tar,
    tarSynced,
    cp,
    rsync,
    git,
    restic,
    resticRaw,
    borg,
    cpReflinkXfs,
    cpReflinkBtrfs,
    btrfs,
    ostree,
    memfs,
    justBash,
    zenfs,
    agentfsSdk,
    sha256,
    sha256Threads,
  ];
  for (const name of names) {
    if (!all.some((rival) => rival.name === name)) {
      throw new RangeError(`No rival ${name}: there are ${all.map((r) => r.name).join(", ")}`);
    }
  }
  return names.length === 0 ? all : all.filter((rival) => names.includes(rival.name));
}
