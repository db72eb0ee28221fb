// Edits a directory and captures it, makes snapshots of overlays, and removes some of its own, until it is killed. What is
// acknowledged is printed: {"made": id, "digest": ...} when a snapshot is there, {"removing": id} before one is removed.
//
// usage: node writer.mjs <store> <directory> <seed>
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Store } from "#dist/index.js";

const [storeDirectory, directory, seed] = process.argv.slice(2);
const store = await Store.open(storeDirectory);
mkdirSync(directory, { recursive: true });
/** Made here and not removed. */
const own = [];

for (let round = 0; ; round++) {
  try {
    await step(round);
  } catch (error) {
    // Another one may collect again and again, or hold the lock for long: that is said, and nothing is lost.
    if (error.code !== "STORE_BUSY") {
      say({ failed: `${error.code} ${error.stack}` });
      process.exit(1);
    }
  }
}

async function step(round) {
  edit(round);
  const parent = own.at(-1);
  const options = {
    durability: dice(`${round} durability`, 2) === 0 ? "full" : "relaxed",
    workers: dice(`${round} workers`, 3) === 0 ? 2 : 0,
    ...(parent !== undefined && { parent }),
  };
  const { snapshot } = await store.snapshot(directory, options);
  acknowledge(snapshot);
  const overlay = snapshot.overlay();
  for (let branch = 0; branch < 3; branch++) {
    const fork = overlay.fork();
    await fork.writeFile(
      `/overlay-${branch}`,
      bytes(`${round} ${branch}`, 6_000 + branch * 70_000),
    );
    if (branch === 1) await fork.rm("/d0", { recursive: true, force: true });
    acknowledge((await fork.snapshot({ durability: "relaxed" })).snapshot);
  }
  while (own.length > 6) {
    const index = dice(`${round} ${own.length} removed`, own.length);
    const [id] = own.splice(index, 1);
    say({ removing: id });
    await store.remove(id, { reparent: true });
  }
  const read = await store.get(own[dice(`${round} read`, own.length)]);
  for await (const entry of read.walk()) if (entry.kind === "file") await read.readFile(entry.path);
}

function acknowledge({ id, digest }) {
  say({ made: id, digest });
  own.push(id);
}

/** Some files come, change and go; some contents come back that were there before. */
function edit(round) {
  for (let number = 0; number < 20; number++) {
    const key = `${round} file ${number}`;
    const folder = join(directory, `d${dice(key, 4)}`);
    mkdirSync(folder, { recursive: true });
    const content = dice(`${key} again`, 3) === 0 ? `${dice(key, 40)}` : `${seed} ${key}`;
    writeFileSync(
      join(folder, `f${dice(`${key} name`, 60)}`),
      bytes(content, dice(`${key} size`, 9_000)),
    );
  }
  if (round % 4 === 0)
    writeFileSync(join(directory, "large"), bytes(`${seed} ${round} large`, 700_000));
  if (round % 7 === 6)
    rmSync(join(directory, `d${dice(`${round} gone`, 4)}`), { recursive: true, force: true });
}

function bytes(key, length) {
  const block = createHash("sha512").update(key).digest();
  return Buffer.concat(
    Array.from({ length: Math.ceil(length / 64) + 1 }, (_, index) => {
      const piece = Buffer.from(block);
      piece.writeUInt32LE(index, 0);
      return piece;
    }),
  ).subarray(0, length);
}

function dice(key, sides) {
  return createHash("sha256").update(`${seed} ${key}`).digest().readUInt32LE(0) % sides;
}

/** At once: what is said must not be lost with the process. */
function say(what) {
  process.stdout._handle?.setBlocking?.(true);
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
