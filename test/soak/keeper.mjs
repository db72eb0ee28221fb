// Keeps a store, again and again, until it is killed: collects it, or verifies it. Prints what comes of it.
//
// usage: node keeper.mjs <store> gc|verify
import { setTimeout as wait } from "node:timers/promises";
import { Store } from "#dist/index.js";

const [storeDirectory, task] = process.argv.slice(2);
const store = await Store.open(storeDirectory);
for (;;) {
  try {
    if (task === "gc") {
      const { chunksRemoved, bytesFreed } = await store.gc();
      console.log(JSON.stringify({ chunksRemoved, bytesFreed }));
    } else {
      const { ok, chunksChecked, damaged, problems } = await store.verify({ deep: true });
      if (!ok) throw new Error(JSON.stringify({ damaged, problems }));
      console.log(JSON.stringify({ chunksChecked }));
    }
  } catch (error) {
    if (error.code !== "STORE_BUSY") {
      console.log(JSON.stringify({ failed: `${error.code} ${error.stack}` }));
      process.exit(1);
    }
  }
  await wait(20);
}
