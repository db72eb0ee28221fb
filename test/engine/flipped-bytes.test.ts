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
import { expect } from "vitest";
import type { CoppiceError } from "#dist/model/error.js";
import { Store } from "#dist/store.js";
import { testIf } from "../tooling/test-if.js";
import { lines, listSnapshot } from "./listing.js";
import { attemptRestore, type Outcome, smallStore } from "./small-store.js";

/** Which of the bits is flipped goes round: each is tried in one byte of eight. */
const flipped = (byte: number, at: number): number => byte ^ (1 << (at % 8));

testIf(
  "koffi",
  "a flipped bit of a pack is named with pack, offset and digest, or is harmless",
  async () => {
    const { scratch, directory, digest, listing, packs } = await smallStore();
    expect(packs).toHaveLength(1);
    const pack = packs[0]!;
    const name = /([0-9a-f]{16})\.pack$/.exec(pack)![1]!;
    const bytes = readFileSync(pack);
    const counts = { detected: 0, harmless: 0 };
    let store = await Store.open(directory);
    for (let at = 0; at < bytes.length; at++) {
      // The header is looked at once, when the pack is opened.
      const isHeader = at < 64;
      flip(pack, at);
      if (isHeader) {
        await store.close();
        store = await Store.open(directory);
      }
      const target = join(scratch, `target-${at}`);
      const outcome = await attemptRestore(store, digest, listing, target);
      if (outcome === "harmless") counts.harmless++;
      else {
        counts.detected++;
        expectPlace(outcome, name, at, isHeader);
      }
      rmSync(target, { recursive: true, force: true });
      flip(pack, at);
    }
    await store.close();
    // Harmless are what fills the gaps, the index record that only a lost catalog is made from, and the snapshot's record.
    console.log(
      `Flipped ${bytes.length} bytes: ${counts.detected} detected, ${counts.harmless} harmless`,
    );
    expect(counts.detected).toBeGreaterThan(4200 + 3500 + 64);
    expect(
      await attemptRestore(await Store.open(directory), digest, listing, join(scratch, "intact")),
    ).toBe("harmless");
  },
);

testIf("koffi", "a flipped bit of the stat cache changes no capture", async () => {
  const { directory, source, digest } = await smallStore();
  const folder = join(directory, "cache");
  const cache = join(folder, readdirSync(folder)[0]!);
  const store = await Store.open(directory);
  // Once more, now that the files are old enough to be trusted.
  const bytes = readFileSync(cache);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = flipped(bytes[at]!, at);
    writeFileSync(cache, damaged);
    const { snapshot } = await store.snapshot(source, { durability: "relaxed", workers: 0 });
    expect([at, snapshot.digest]).toEqual([at, digest]);
  }
  await store.close();
});

testIf("koffi", "a flipped bit of the catalog is detected or harmless to every file", async () => {
  const { scratch, directory, digest, listing } = await smallStore();
  const catalog = join(directory, "catalog.sqlite");
  const bytes = readFileSync(catalog);
  const counts = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), async (at) => {
      for (const log of ["-wal", "-shm"]) rmSync(catalog + log, { force: true });
      const damaged = Buffer.from(bytes);
      damaged[at] = flipped(bytes[at]!, at);
      writeFileSync(catalog, damaged);
      const target = join(scratch, "target");
      rmSync(target, { recursive: true, force: true });
      const outcome = await attempt(directory, (store) =>
        attemptRestore(store, digest, listing, target),
      );
      const kind = outcome === "harmless" ? outcome : outcome.code;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      // A flipped bit may hide the snapshot or change its name; what is found is what was captured.
      expect(["harmless", "CORRUPT", "NOT_FOUND", "NOT_A_STORE", "STORE_TOO_NEW"]).toContain(kind);
    }),
    { numRuns: 400 },
  );
  console.log(`Flipped bits of ${bytes.length} bytes of catalog: ${[...counts].join("; ")}`);
});

testIf("koffi", "reading without restoring detects a flipped bit of content as well", async () => {
  const { directory, digest, listing, packs } = await smallStore();
  const size = readFileSync(packs[0]!).length;
  const wanted = lines(listing, { without: ["link"] });
  const store = await Store.open(directory);
  const snapshot = await store.get(digest);
  for (let at = 64; at < size; at += 7) {
    flip(packs[0]!, at);
    const found = await listSnapshot(snapshot).then(
      (read) => lines(read),
      (error: CoppiceError) => error.code,
    );
    expect([at, found]).toEqual([at, found === "CORRUPT" ? "CORRUPT" : wanted]);
    flip(packs[0]!, at);
  }
  await store.close();
});

async function attempt(
  directory: string,
  action: (store: Store) => Promise<Outcome>,
): Promise<Outcome> {
  let store: Store;
  try {
    store = await Store.open(directory);
  } catch (error) {
    return error as CoppiceError;
  }
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}

/** The message names where the damage is; the damaged byte lies in what it names. */
function expectPlace(error: CoppiceError, pack: string, at: number, isHeader: boolean): void {
  expect([at, error.code, error.message]).toEqual([
    at,
    "CORRUPT",
    expect.stringContaining(`pack ${pack}`),
  ]);
  if (isHeader) return;
  const offset = Number(/at offset (\d+)/.exec(error.message)?.[1]);
  expect(offset).toBeLessThanOrEqual(at);
  expect(offset).toBeGreaterThan(at - 4200);
  expect(error.path).toBe(`packs/${pack}.pack`);
  expect(error.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
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
