// Makes calls on a directory that is its root: paths mean there what they mean in an overlay, `..` and absolute links too.
//
// usage: fork chrooted.mjs <directory>, which then takes lists of calls as messages and answers with what came of each;
// "reset" removes everything, closes what is open, and begins anew.
import { promises } from "node:fs";
import { createRequire } from "node:module";
import { FileCalls } from "./file-calls.mjs";

const koffi = createRequire(import.meta.url)("koffi");
const [directory] = process.argv.slice(2);
// Is loaded when it is first used, and could not be from in here. It takes the calls that it makes as they are then: with
// names in the order in which an overlay has them, what was copied before an error is the same.
const { opendir } = promises;
promises.opendir = async (path) => {
  const entries = [];
  for await (const entry of await opendir(path)) entries.push(entry);
  return entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
};
await promises.cp(directory, `${directory}/copy`, { filter: () => false });
promises.opendir = opendir;
const chroot = koffi.load(null).func("int chroot(const char *path)");
if (chroot(directory) !== 0) throw new Error(`Cannot chroot to ${directory}`);
process.chdir("/");
process.umask(0o022);

let calls = new FileCalls(promises);

async function reset() {
  await calls.close();
  calls = new FileCalls(promises);
  await remove(Buffer.from("/"));
  await promises.chmod("/", 0o755);
  await promises.chown("/", 0, 0);
  await promises.utimes("/", new Date(), new Date());
}

async function remove(path) {
  for (const name of await promises.readdir(path, { encoding: "buffer" })) {
    const each = Buffer.concat([path, Buffer.from("/"), name]);
    if ((await promises.lstat(each)).isDirectory()) {
      await remove(each);
      await promises.rmdir(each);
    } else {
      await promises.unlink(each);
    }
  }
}

process.on("message", async (message) => {
  if (message === "reset") {
    await reset();
    process.send([]);
    return;
  }
  const outcomes = [];
  for (const call of message) outcomes.push(await calls.call(call));
  process.send(outcomes);
});
process.send("ready");
