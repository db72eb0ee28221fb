// Changes a directory and captures it, again and again, until it is killed. Prints "open" before it opens the
// store, and for each capture that has returned a line of JSON with the snapshot's id and digest.
//
// usage: node capture-until-killed.mjs <store> <source> <seed>
import { mkdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Store } from "#dist/index.js";

const [directory, source, seed] = process.argv.slice(2);

/** Not through a stream, which may keep what a dead process will never send. */
const print = (line) => writeSync(1, `${line}\n`);

print("open");
const store = await Store.open(directory);
for (let turn = 0; ; turn++) {
  // So many files that worker threads read them, and in so many directories that each gets some.
  for (let file = 0; file < 1_200; file++) {
    const parent = join(source, `directory ${file % 25}`);
    if (turn === 0 && file < 25) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `file ${file}`), `${seed} ${turn} ${file}`);
  }
  writeFileSync(join(source, "large"), `${seed} ${turn}\n`.repeat(20_000));
  const durability = turn % 3 === 2 ? "relaxed" : "full";
  const { snapshot, report } = await store.snapshot(source, { workers: 2, durability });
  print(JSON.stringify({ id: snapshot.id, digest: snapshot.digest, workers: report.workers }));
}
