/** Every byte of a small store flipped in turn: detected or harmless, never other data. */
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CoppiceError } from "#dist/model/error.js";
import { Store } from "#dist/store.js";
import { testIf } from "../tooling/test-if.js";
import { editedDirectory } from "./edited-directory.js";
import {
  attemptRead,
  attemptRestore,
  type Outcome,
  type SmallStore,
  smallStore,
} from "./small-store.js";

/** Bytes of a pack's header, which is looked at when the pack is opened. */
const headerBytes = 64;
/** Every byte is read over; restoring writes as well, so it is done for one byte in so many. */
const restoreEvery = 41;

testIf(
  "koffi",
  "a flipped bit of a pack is named with pack, offset and digest, or is harmless",
  async () => {
    const small = await smallStore();
    expect(small.packs).toHaveLength(1);
    const pack = small.packs[0]!;
    const { length } = readFileSync(pack);
    const counts = { detected: 0, harmless: 0, restores: 0 };
    let store = await Store.open(small.directory);
    for (let at = 0; at < length; at++) {
      flip(pack, at);
      if (at < headerBytes) {
        await store.close();
        store = await Store.open(small.directory);
      }
      const outcome = await attemptRead(store, small);
      if (outcome === "harmless") counts.harmless++;
      else {
        counts.detected++;
        expectPlace(outcome, pack, at);
      }
      if (at % restoreEvery === 0) {
        counts.restores++;
        expect([at, kindOf(await restoreFrom(store, small))]).toEqual([at, kindOf(outcome)]);
      }
      flip(pack, at);
    }
    await store.close();
    // Harmless: the gaps, the index record that only a lost catalog is made from, the snapshot's record.
    console.log(`Flipped ${length} bytes: ${JSON.stringify(counts)}`);
    expect(counts.detected).toBeGreaterThan(headerBytes + 4096);
    store = await Store.open(small.directory);
    expect(await restoreFrom(store, small)).toBe("harmless");
    await store.close();
  },
);

test("a flipped bit of the stat cache changes no capture", async () => {
  // Of no more than this: every byte more is one more capture.
  const { scratch, snapshot } = await editedDirectory("mkdir d; echo 1 >d/f; touch -d @9 d/f d .");
  const { digest } = await snapshot({ workers: 0 });
  const folder = join(scratch, "store", "cache");
  const cache = join(folder, readdirSync(folder)[0]!);
  const bytes = readFileSync(cache);
  for (let at = 0; at < bytes.length; at++) {
    writeFileSync(cache, withFlipped(bytes, at));
    expect([at, (await snapshot({ workers: 0 })).digest]).toEqual([at, digest]);
  }
  console.log(`Flipped ${bytes.length} bytes of stat cache`);
});

testIf("koffi", "a flipped bit of the catalog is detected or harmless to every file", async () => {
  const small = await smallStore();
  const catalog = join(small.directory, "catalog.sqlite");
  const bytes = readFileSync(catalog);
  const counts: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), async (at) => {
      for (const log of ["-wal", "-shm"]) rmSync(catalog + log, { force: true });
      writeFileSync(catalog, withFlipped(bytes, at));
      const kind = kindOf(await openAnd(small.directory, (store) => restoreFrom(store, small)));
      counts[kind] = (counts[kind] ?? 0) + 1;
      // A flipped bit may hide the snapshot or move its digest; what is found is what was captured.
      expect(["harmless", "CORRUPT", "NOT_FOUND", "NOT_A_STORE", "STORE_TOO_NEW"]).toContain(kind);
    }),
    { numRuns: 400 },
  );
  console.log(`Flipped bits of ${bytes.length} bytes of catalog: ${JSON.stringify(counts)}`);
});

async function restoreFrom(store: Store, small: SmallStore): Promise<Outcome> {
  const target = join(small.scratch, "target");
  const outcome = await attemptRestore(store, small, target);
  rmSync(target, { recursive: true, force: true });
  return outcome;
}

async function openAnd(
  directory: string,
  action: (store: Store) => Promise<Outcome>,
): Promise<Outcome> {
  const store = await Store.open(directory).catch((error: CoppiceError) => error);
  if (!(store instanceof Store)) return store;
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}

/** The message names where the damage is; the damaged byte lies in what it names. */
function expectPlace(error: CoppiceError, pack: string, at: number): void {
  const name = /([0-9a-f]{16})\.pack$/.exec(pack)?.[1];
  const text = [at, error.code, error.message];
  expect(text).toEqual([at, "CORRUPT", expect.stringContaining(`pack ${name}`)]);
  if (at < headerBytes) return;
  const offset = Number(/at offset (\d+)/.exec(error.message)?.[1]);
  expect(offset).toBeLessThanOrEqual(at);
  expect(offset).toBeGreaterThan(at - 4096);
  expect(error.path).toBe(`packs/${name}.pack`);
  expect(error.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
}

function kindOf(outcome: Outcome): string {
  return outcome === "harmless" ? outcome : outcome.code;
}

/** Which of the bits is flipped goes round. */
function flipped(byte: number, at: number): number {
  return byte ^ (1 << (at % 8));
}

function withFlipped(bytes: Buffer, at: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[at] = flipped(bytes[at]!, at);
  return damaged;
}

/** Flips a bit of a byte in place; a second time undoes it. */
function flip(file: string, at: number): void {
  const descriptor = openSync(file, "r+");
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, at);
  byte[0] = flipped(byte[0]!, at);
  writeSync(descriptor, byte, 0, 1, at);
  closeSync(descriptor);
}
