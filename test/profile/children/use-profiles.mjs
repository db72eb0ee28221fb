/**
 * Uses the profiles of a store as it is told, line by line, and prints what came of it: `refresh NAME`, `work`, `schedule`, `wait NAME`.
 *
 * usage: node use-profiles.mjs STORE
 */
import { createInterface } from "node:readline";
import { Store } from "#dist/index.js";

const store = await Store.open(process.argv[2]);
console.log("ready");
const end = new AbortController();
const running = [];
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, name] = line.split(" ");
  if (verb === "end") break;
  if (verb === "work") running.push(store.profiles.work({ signal: end.signal }));
  else if (verb === "refresh") console.log(JSON.stringify(await store.profiles.refresh(name)));
  else if (verb === "wait") console.log((await store.profiles.waitUntilReady(name)).id);
}
end.abort();
await Promise.all(running);
await store.close();
// Somebody may still hold the other end.
process.stdin.destroy();
