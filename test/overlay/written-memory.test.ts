/** What was written to overlays and lies in memory: only what is still there is ever stored for want of room. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/store.js";
import { scratchDirectory } from "../support/scratch.js";

const MIB = 1024 * 1024;
/** More than may lie in memory. */
const TOO_MANY_MIB = 80;

test("what was overwritten is not stored for want of memory", async () => {
  const { store, overlay } = await emptyOverlay();
  for (let count = 0; count < TOO_MANY_MIB; count++)
    overlay.sync.writeFileSync("/a", randomBytes(MIB));
  expect((await store.stats()).chunks).toBe(0);
});

test("what was removed is not stored for want of memory", async () => {
  const { store, overlay } = await emptyOverlay();
  for (let count = 0; count < TOO_MANY_MIB; count++) {
    overlay.sync.writeFileSync(`/${count}`, randomBytes(MIB));
    overlay.sync.unlinkSync(`/${count}`);
  }
  expect((await store.stats()).chunks).toBe(0);
});

test("what a fork still has is stored for want of memory, wherever else it was removed", async () => {
  const { store, overlay } = await emptyOverlay();
  const written = Array.from({ length: TOO_MANY_MIB }, () => randomBytes(MIB));
  const forks = written.map((bytes, index) => {
    overlay.sync.writeFileSync(`/${index}`, bytes);
    const fork = overlay.fork();
    overlay.sync.unlinkSync(`/${index}`);
    return fork;
  });
  expect((await store.stats()).chunks).toBeGreaterThan(0);
  for (const [index, fork] of forks.entries())
    expect(written[index]?.equals(fork.sync.readFileSync(`/${index}`) as Buffer)).toBe(true);
});

async function emptyOverlay() {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  return { store, overlay: store.overlay() };
}
