// Captures a directory, forks it by each driver in turn and by none in particular, and prints one line of JSON:
// the drivers as the store lists them, and for each what came of it.
//
// usage: node use-drivers.mjs <index.js of the package> <store> <source> <directory to fork into>
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [index, storeDirectory, source, directory] = process.argv.slice(2);
const { Store } = await import(pathToFileURL(index).href);
const store = await Store.open(storeDirectory);
const { snapshot } = await store.snapshot(source);

async function attempt(name) {
  try {
    const dir = join(directory, name ?? "best");
    const workspace = await store.fork(snapshot, { dir, ...(name && { driver: name }) });
    const content = readFileSync(join(dir, "file"), "utf8");
    const { driver } = workspace;
    await workspace.discard();
    return { driver, content };
  } catch ({ name: error, code, message }) {
    return { error, code, message };
  }
}

const drivers = await store.drivers(directory);
const outcomes = {};
for (const { name } of drivers) outcomes[name] = await attempt(name);
const best = await attempt(undefined);
await store.close();
console.log(JSON.stringify({ drivers, outcomes, best }));
