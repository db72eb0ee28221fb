// Opens a store and prints the error as JSON.
//
// usage: node open-store.mjs <directory> <create>
import { Store } from "#dist/index.js";

const [directory, create] = process.argv.slice(2);
try {
  const store = await Store.open(directory, { create: create === "true" });
  await store.close();
  console.log("{}");
} catch ({ code, message, path }) {
  console.log(JSON.stringify({ code, message, path }));
}
