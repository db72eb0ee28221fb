// Kills this process, as by `kill -9`, before a certain step. Steps are what can be seen from outside: calls that
// change a file system or a mount, and statements that begin or end a transaction.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { openSqlite } from "#dist/database/sqlite.js";
import { systemCalls } from "#dist/system/system-calls.js";

let killAt = 0;
/** Not counted before `countSteps` is called. */
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

/** Begins to count; 0 kills at none. */
export function countSteps(step) {
  killAt = step;
  steps = 0;
}

/** Returns how many steps there were. */
export function stepsCounted() {
  return steps;
}
