// Does one thing with workspaces and is killed before a certain step of it (support/kill-at-step).
//
// usage: node act.mjs <store> <action as JSON> <step, from 1>
//
// Where there are fewer steps it prints their number and ends with status 0.
import { Store } from "#dist/index.js";
import { countSteps, stepsCounted } from "../../support/kill-at-step.mjs";

const [storeDirectory, json, text] = process.argv.slice(2);
const { action, driver, dir, workspace: key, snapshot } = JSON.parse(json);
const store = await Store.open(storeDirectory, { create: false });
const found = key === undefined ? undefined : await store.workspace(key);
const actions = {
  fork: () => store.fork("base", { dir, driver }),
  snapshot: () => found.snapshot(),
  restore: async () => found.restore(await store.get(snapshot)),
  rollback: () => found.rollback(),
  discard: () => found.discard(),
};
countSteps(Number(text));
await actions[action]();
console.log(stepsCounted());
// What is done at the end belongs to the action as well.
await store.close();
