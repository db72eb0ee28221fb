// Restores a snapshot to a directory and prints the report, or the error, as JSON.
//
// usage: node restore-in-place.mjs <store> <snapshot> <directory> <options as JSON>
import { Store } from "#dist/index.js";

const [storeDirectory, id, directory, options] = process.argv.slice(2);
const store = await Store.open(storeDirectory);
try {
  console.log(JSON.stringify(await store.restore(id, directory, JSON.parse(options))));
} catch ({ code, message, path }) {
  console.log(JSON.stringify({ code, message, path }));
}
await store.close();
