// Changes a directory without end, while somebody else looks at it. Prints "ready" once it has begun.
//
// usage: node meddle.mjs <directory> everything|one-file
//
//   everything  makes, appends to, rewrites, renames, links and deletes files and directories
//   one-file    writes the file "uniform" over and over, always whole and of one letter, and appends
//               numbered lines to the file "growing"
import * as fs from "node:fs";
import { join } from "node:path";

const [directory, mode] = process.argv.slice(2);
const steps = { everything, "one-file": oneFile };
let state = 1;
let turns = 0;
let count = 0;
// Each turn is some steps long: the one who looks is to get the processor as well.
function turn() {
  for (let step = 0; step < 20; step++) steps[mode]();
  if (turns++ === 0) console.log("ready");
  setTimeout(turn, random(3));
}
turn();

function everything() {
  const directories = ["", "a", "b", "a/a", "b/a", "a/b"];
  const path = () => join(directory, directories[random(6)], "abcdefgh"[random(8)]);
  const actions = [
    () => fs.mkdirSync(path()),
    () => fs.writeFileSync(path(), Buffer.alloc(random(9000), random(256))),
    () => fs.writeFileSync(path(), Buffer.alloc(70_000 + random(9000), random(256))),
    () => fs.appendFileSync(path(), "appended\n"),
    () => fs.renameSync(path(), path()),
    () => fs.linkSync(path(), path()),
    () => fs.symlinkSync("a", path()),
    () => fs.unlinkSync(path()),
    () => fs.rmSync(path(), { recursive: true }),
    () => fs.truncateSync(path(), random(5000)),
    () => fs.chmodSync(path(), 0o600 + random(0o200)),
  ];
  try {
    actions[random(actions.length)]();
  } catch (error) {
    // Much of it is not possible at the moment: a name is taken, or is not there.
    if (error.syscall === undefined && error.code !== "ERR_FS_EISDIR") throw error;
  }
}

function oneFile() {
  const file = fs.openSync(join(directory, "uniform"), "r+");
  fs.writeSync(file, Buffer.alloc(300_000, 97 + random(26)), 0, 300_000, 0);
  fs.closeSync(file);
  fs.appendFileSync(join(directory, "growing"), `${String(count++).padStart(9, "0")}\n`);
}

/** A whole number below a limit; always the same ones. */
function random(limit) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}
