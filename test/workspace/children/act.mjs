// Does one thing with workspaces and is killed, as by `kill -9`, before a certain step of it. Steps are what can be
// seen from outside: calls that change a file system or a mount, and statements that begin or end a transaction.
//
// usage: node act.mjs <store> <action as JSON> <step, from 1>
//
// Where there are fewer steps it prints their number and ends with status 0.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { openSqlite } from "#dist/database/sqlite.js";
import { Store } from "#dist/index.js";
import { systemCalls } from "#dist/system/system-calls.js";

const [storeDirectory, json, text] = process.argv.slice(2);
const { action, driver, dir, workspace: key, snapshot } = JSON.parse(json);
const killAt = Number(text);
let steps;

function step() {
  if (steps !== undefined && ++steps === killAt) process.kill(process.pid, "SIGKILL");
}

function watch(owner, names) {
  for (const name of names) {
    const call = owner[name];
    if (call === undefined) continue;
    owner[name] = function (...args) {
      step();
      return call.apply(this, args);
    };
  }
}

watch(fs, [
  ...["mkdirSync", "rmdirSync", "renameSync", "rmSync", "unlinkSync", "linkSync", "symlinkSync"],
  ...["writeSync", "writevSync", "writeFileSync", "ftruncateSync", "truncateSync", "copyFileSync"],
  ...["fchmodSync", "chmodSync", "utimesSync", "fsyncSync", "fdatasyncSync"],
]);
syncBuiltinESMExports();
watch(systemCalls(), ["mount", "mountWith", "unmount", "makeNode", "cloneRange", "cloneFile"]);
const anyDatabase = openSqlite(":memory:");
const database = Object.getPrototypeOf(anyDatabase);
anyDatabase.close();
const { prepare } = database;
database.prepare = function (source, ...args) {
  const statement = prepare.call(this, source, ...args);
  if (/^(BEGIN|COMMIT)/.test(source)) watch(statement, ["run"]);
  return statement;
};

const store = await Store.open(storeDirectory, { create: false });
const found = key === undefined ? undefined : await store.workspace(key);
const actions = {
  fork: () => store.fork("base", { dir, driver }),
  snapshot: () => found.snapshot(),
  restore: async () => found.restore(await store.get(snapshot)),
  rollback: () => found.rollback(),
  discard: () => found.discard(),
};
steps = 0;
await actions[action]();
console.log(steps);
// What is done at the end belongs to the action as well.
await store.close();
