// Captures a directory, restores it elsewhere and prints the restore's report as JSON.
//
// usage: node restore.mjs <store> <directory> <target>
import { Store } from "#dist/index.js";

const [storeDirectory, directory, target] = process.argv.slice(2);
const store = await Store.open(storeDirectory);
const { snapshot } = await store.snapshot(directory);
console.log(JSON.stringify(await store.restore(snapshot, target)));
await store.close();
