// Puts symbolic links in the place of the directories of a tree, and the directories back, without end;
// every tenth time it deletes one instead, so that there is something to restore. Prints "ready" once it
// has begun.
//
// usage: node swap-links.mjs <directory> <where the links lead>
import { lstatSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const [directory, outside] = process.argv.slice(2);
const top = join(directory, "d");
const aside = join(directory, "aside");
const swaps = [
  ["d", outside],
  ["d/e", join(outside, "e")],
  ["d/fifo", join(outside, "1")],
];
let count = 0;
function turn() {
  const [name, target] = swaps[count++ % swaps.length];
  const path = join(directory, name);
  const done = attempt(() => {
    renameSync(path, aside);
    symlinkSync(target, path);
    if (count % 10 === 0) rmSync(aside, { recursive: true });
    rmSync(path);
    if (count % 10 !== 0) renameSync(aside, path);
  });
  // The restore was quicker: it removed or replaced one of these.
  if (!done) attempt(() => rmSync(aside, { recursive: true, force: true }));
  // The next turn must not itself go through a link that was left.
  if (lstatSync(top, { throwIfNoEntry: false })?.isSymbolicLink()) attempt(() => rmSync(top));
  if (count === 1) console.log("ready");
  // Long enough for a restore to get anywhere in between.
  setTimeout(turn, (count % 5) * 12);
}

function attempt(action) {
  try {
    action();
    return true;
  } catch (error) {
    if (error.syscall === undefined && error.code !== "ERR_FS_EISDIR") throw error;
    return false;
  }
}
turn();
