/** All rivals, in the order in which they take turns. */
import { borg } from "./borg.mjs";
import { coppice } from "./coppice.mjs";
import { coppiceLibrary } from "./coppice-library.mjs";
import { cp } from "./cp.mjs";
import { git } from "./git.mjs";
import { restic, resticRaw } from "./restic.mjs";
import { rsync } from "./rsync.mjs";
import { tar, tarSynced } from "./tar.mjs";

/**
 * Returns the rivals of the given names, or all.
 * @param {readonly string[]} names none means all
 * @param {import("./coppice.mjs").Durability} durability what Coppice promises
 * @returns {import("./rival.mjs").Rival[]}
 * @throws {RangeError} when there is no rival of a name
 */
export function chooseRivals(names, durability) {
  const all = [
    coppice(durability),
    coppiceLibrary(durability),
    tar,
    tarSynced,
    cp,
    rsync,
    git,
    restic,
    resticRaw,
    borg,
  ];
  for (const name of names) {
    if (!all.some((rival) => rival.name === name)) {
      throw new RangeError(`No rival ${name}: there are ${all.map((r) => r.name).join(", ")}`);
    }
  }
  return names.length === 0 ? all : all.filter((rival) => names.includes(rival.name));
}
