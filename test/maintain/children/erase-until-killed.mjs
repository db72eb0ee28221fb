/**
 * Erases paths from a store, and is killed before one of the calls that change its files.
 *
 * usage: node erase-until-killed.mjs STORE CALL PATH...
 *
 * Prints how many calls there were when it came to its end.
 */
import { nodeDisk } from "#dist/disk/node-disk.js";
import { xxh64Ready } from "#dist/hash/xxh64.js";
import { eraseRequested } from "#dist/maintain/erase/erase-request.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";

const CHANGES = [
  "write",
  "truncate",
  "punch",
  "sync",
  "replace",
  "rename",
  "remove",
  "syncDirectory",
];

const [directory, call, ...paths] = process.argv.slice(2);
let calls = 0;

/** Counts the calls that change something. */
function watched(target) {
  return new Proxy(target, {
    get(object, key) {
      const value = object[key];
      if (typeof value !== "function") return value;
      return (...args) => {
        if (CHANGES.includes(key) && ++calls === Number(call)) process.kill(process.pid, "SIGKILL");
        const result = value.apply(object, args);
        return key === "open" ? watched(result) : result;
      };
    },
  });
}

await xxh64Ready;
const engine = openEngine(directory, false, (root) => watched(nodeDisk(root)));
await eraseRequested(engine, { paths });
console.log(calls);
closeEngine(engine);
