/**
 * Uploads or deletes versions of the agent `bot`.
 *
 * usage: node use-registry.mjs STORE upload BUNDLE COUNT
 *        node use-registry.mjs STORE killed-upload BUNDLE STEP
 *        node use-registry.mjs STORE killed-delete VERSION STEP
 *
 * Prints the numbers that it was given, one a line. Those that are killed are so before the store is called for the STEPth time, or once all is
 * done: between two calls nothing changes that outlives the process. They print `done` where that never came.
 */
import { Registry } from "#dist/registry/registry.js";
import { Store } from "#dist/store.js";

const [directory, action, what, number] = process.argv.slice(2);
const store = await Store.open(directory, { create: false });
const upload = { name: "bot", bundle: what, entrypoint: "x" };
let steps = 0;

function step() {
  if (++steps === Number(number)) process.kill(process.pid, "SIGKILL");
}

/** Counts calls when they are made; of those that return an object to go on with, the object's too. */
function counted(target, of) {
  return new Proxy(target, {
    get(object, key) {
      const value = object[key];
      const inner = of[key];
      if (typeof value !== "function")
        return typeof inner === "object" ? counted(value, inner) : value;
      return (...args) => {
        if (inner === true) step();
        const result = value.apply(object, args);
        return typeof inner === "object" ? counted(result, inner) : result;
      };
    },
  });
}

if (action === "upload") {
  for (let count = 0; count < Number(number); count++)
    console.log((await store.registry.upload(upload)).version);
} else {
  const calls = { import: true, pin: true, unpin: true, remove: true };
  const overlay = { snapshot: true, discard: true };
  const ledger = { transaction: { run: true }, sessions: { begin: true } };
  const registry = new Registry(counted(store, { ...calls, overlay, ledger }));
  if (action === "killed-upload") await registry.upload(upload);
  else await registry.delete({ name: "bot", version: Number(what) });
  step();
  console.log("done");
}
await store.close();
