// Makes a sandbox, has a program run in it, and waits until it is killed or told to go on. Prints the sandbox's id.
//
// usage: node hold-sandbox.mjs <store> <options as JSON> <shell line> <pause: 0 or 1>
import { Sandbox, Store } from "#dist/index.js";

const [storeDirectory, options, line, isPaused] = process.argv.slice(2);
const store = await Store.open(storeDirectory, { create: false });
const sandbox = await Sandbox.create(store, JSON.parse(options));
await sandbox.exec.command(line, { background: true });
while (!(await sandbox.files.exists("begun"))) await new Promise(setImmediate);
if (isPaused === "1") await sandbox.pause();
console.log(sandbox.id);
process.stdin.resume();
