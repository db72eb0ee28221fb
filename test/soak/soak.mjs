// Several processes write to one store, one collects it and one verifies it; all are killed and stopped now and then, at any
// moment. In the end every snapshot that was acknowledged is there and has the state that it had.
//
// usage: node soak.mjs [--kills N] [--writers N] [--directory DIR] [--seed TEXT]
//
// Exit status 0 where nothing was lost. With --kills 0 it goes on until Ctrl-C.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Store } from "#dist/index.js";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "400" },
    writers: { type: "string", default: "3" },
    directory: { type: "string", default: tmpdir() },
    seed: { type: "string", default: String(Date.now()) },
  },
});
const kills = Number(values.kills);
const scratch = mkdtempSync(join(values.directory, "coppice-soak-"));
const storeDirectory = join(scratch, "store");
/** The oracle: digests by id. Whether a snapshot that was about to be removed is still there is not known. */
const acknowledged = new Map();
const failures = [];
const sums = {
  acknowledged: 0,
  removed: 0,
  collections: 0,
  chunksRemoved: 0,
  verifications: 0,
  killed: 0,
  stopped: 0,
};
let isOver = false;
process.once("SIGINT", () => (isOver = true));

console.log(`Store ${storeDirectory}, seed ${values.seed}`);
await (await Store.open(storeDirectory)).close();
const roles = [
  ...Array.from({ length: Number(values.writers) }, (_, index) => `writer ${index}`),
  "gc",
  "verify",
];
const running = new Map();
for (const role of roles) start(role);
const shown = setInterval(() => console.log(JSON.stringify(sums)), 10_000);
while (!isOver && failures.length === 0 && (kills === 0 || sums.killed < kills)) await disturb();
clearInterval(shown);
for (const child of running.values()) await kill(child);
if (failures.length === 0) await check();
console.log(JSON.stringify({ ...sums, left: acknowledged.size }));
for (const failure of failures) console.error(failure);
if (failures.length === 0) rmSync(scratch, { recursive: true });
else console.error(`Kept ${scratch}`);
process.exitCode = failures.length === 0 ? 0 : 1;

function start(role) {
  const [name, number] = role.split(" ");
  const isWriter = name === "writer";
  const script = fileURLToPath(new URL(isWriter ? "writer.mjs" : "keeper.mjs", import.meta.url));
  const args = isWriter
    ? [storeDirectory, join(scratch, `source-${number}`), `${values.seed} ${role} ${sums.killed}`]
    : [storeDirectory, name];
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.role = role;
  child.told = readAll(child);
  child.gone = once(child, "exit");
  running.set(role, child);
}

/** A line that was cut short was not said. */
async function readAll(child) {
  for await (const line of createInterface(child.stdout)) {
    let said;
    try {
      said = JSON.parse(line);
    } catch {
      continue;
    }
    if (said.failed !== undefined) failures.push(`${child.role}: ${said.failed}`);
    else if (said.made !== undefined) {
      acknowledged.set(said.made, said.digest);
      sums.acknowledged++;
    } else if (said.removing !== undefined) {
      acknowledged.delete(said.removing);
      sums.removed++;
    } else if (said.bytesFreed !== undefined) {
      sums.collections++;
      sums.chunksRemoved += said.chunksRemoved;
    } else sums.verifications++;
  }
}

/** Stops or kills one of them, whatever it is doing. */
async function disturb() {
  await wait(Math.random() * 1_000);
  const child = running.get(roles[Math.floor(Math.random() * roles.length)]);
  if (child.exitCode !== null) {
    failures.push(`${child.role} ended by itself with ${child.exitCode}`);
    return;
  }
  if (Math.random() < 0.3) {
    child.kill("SIGSTOP");
    await wait(Math.random() * 2_000);
    child.kill("SIGCONT");
    sums.stopped++;
    return;
  }
  await kill(child);
  sums.killed++;
  start(child.role);
}

async function kill(child) {
  child.kill("SIGKILL");
  await child.gone;
  await child.told;
}

/** Restores every snapshot, and captures it into another store: the digest must be the one that was told. */
async function check() {
  const store = await Store.open(storeDirectory);
  const other = await Store.open(join(scratch, "other"));
  await store.gc();
  const { ok, damaged, problems } = await store.verify({ deep: true });
  if (!ok) failures.push(`verify: ${JSON.stringify({ damaged, problems })}`);
  mkdirSync(join(scratch, "restored"));
  for (const [id, digest] of acknowledged) {
    const target = join(scratch, "restored", createHash("sha256").update(id).digest("hex"));
    try {
      await store.restore(id, target);
      const { snapshot } = await other.snapshot(target, { durability: "relaxed" });
      if (snapshot.digest !== digest) failures.push(`${id} has ${snapshot.digest}, not ${digest}`);
      rmSync(target, { recursive: true });
    } catch (error) {
      failures.push(`${id}: ${error.code} ${error.message}`);
    }
  }
  await store.close();
  await other.close();
}
