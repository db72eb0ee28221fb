// Does one thing with sandboxes and is killed before a certain step of it (support/kill-at-step).
//
// usage: node act.mjs <store> <action> <freezer> <step, from 1>
//
// Where there are fewer steps it prints their number and ends with status 0.
import { Sandbox, Store } from "#dist/index.js";
import { countSteps, stepsCounted } from "../../support/kill-at-step.mjs";

const [storeDirectory, action, freezer, text] = process.argv.slice(2);
const store = await Store.open(storeDirectory, { create: false });
const own = { freezer };
const isUsed = !["create", "restore", "deleteSnapshot"].includes(action);
const found = isUsed ? await Sandbox.get(store, "one") : undefined;
const actions = {
  create: () => Sandbox.create(store, { name: "two", ...own }),
  restore: () => Sandbox.fromSnapshot(store, "taken", { name: "two", ...own }),
  snapshot: () => found.snapshot({ name: "new" }),
  pause: () => found.pause(),
  resume: () => found.resume(),
  delete: () => found.delete(),
  deleteSnapshot: () => Sandbox.deleteSnapshot(store, "taken"),
  command: () => found.exec.command("echo ran >ran"),
};
countSteps(Number(text));
await actions[action]();
console.log(stepsCounted());
await store.close();
