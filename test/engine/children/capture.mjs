// Captures a directory and prints what came of it as one line of JSON, again and again if told.
//
// usage: node capture.mjs <store> <directory> <options as JSON> [rounds] [restore to]
//
// With a directory to restore to, each snapshot is restored below it and captured from there; a digest
// that is another one then ends the process with status 1. Before each round it prints "begin".
import { join } from "node:path";
import { Store } from "#dist/index.js";

const [storeDirectory, directory, json, rounds = "1", restoreTo] = process.argv.slice(2);
const options = JSON.parse(json);
if (rounds !== "1") options.onProgress = ({ phase }) => console.log(phase);
try {
  const store = await Store.open(storeDirectory);
  for (let round = 0; round < Number(rounds); round++) {
    const { snapshot, report } = await store.snapshot(directory, options);
    const paths = [];
    if (rounds === "1") for await (const { path } of snapshot.walk()) paths.push(path);
    if (restoreTo !== undefined) {
      const target = join(restoreTo, String(round));
      await store.restore(snapshot, target);
      const again = await store.snapshot(target, options);
      if (again.snapshot.digest !== snapshot.digest) throw new Error("restored something else");
    }
    console.log(JSON.stringify({ id: snapshot.id, digest: snapshot.digest, paths, report }));
  }
  await store.close();
} catch (error) {
  const { code, message, path } = error;
  console.log(JSON.stringify({ code, message, path }));
  process.exitCode = 1;
}
