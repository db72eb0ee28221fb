// Forks a snapshot several times as soon as it is told to, and prints where, one line each.
//
// usage: node fork-many.mjs <store> <driver> <directory prefix> <count>
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Store } from "#dist/index.js";

const [storeDirectory, driver, prefix, count] = process.argv.slice(2);
const store = await Store.open(storeDirectory, { create: false });
const input = createInterface(process.stdin);
console.log("ready");
await once(input, "line");
for (let index = 0; index < Number(count); index++) {
  const workspace = await store.fork("base", { driver, dir: `${prefix}-${index}` });
  console.log(workspace.path);
}
await store.close();
input.close();
process.stdin.destroy();
