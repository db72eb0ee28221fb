/** The bytes of large files in overlays: against buffers, across forks and snapshots, and beyond what may be in memory. */
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Overlay } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

const PAGE = 65_536;
const MEBIBYTE = 2 ** 20;

/** Places and lengths around the ends of pages, and any others. */
const offset = fc.oneof(
  fc.nat(3 * MEBIBYTE),
  fc
    .record({ page: fc.nat(20), by: fc.integer({ min: -2, max: 2 }) })
    .map(({ page, by }) => Math.max(0, page * PAGE + by)),
);
const length = fc.oneof(
  fc.constantFrom(0, 1, 10, 4096, PAGE - 1, PAGE, PAGE + 1),
  fc.nat(MEBIBYTE),
);

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("write"),
      pick: fc.nat(9),
      offset,
      length,
      seed: fc.nat(255),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("append"), pick: fc.nat(9), length, seed: fc.nat(255) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("truncate"), pick: fc.nat(9), length: offset }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fork"), pick: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("copy"), pick: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("snapshot"), pick: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart"), pick: fc.nat(9) }) },
);

/** A file as it must be. */
interface Model {
  overlay: Overlay;
  descriptor: number;
  bytes: Buffer;
}

test("what was written is what is read, in each fork, at any offset", async () => {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  const steps = fc.array(step, { minLength: 1, maxLength: 25, size: "max" });
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const first = store.overlay();
      const files: Model[] = [opened(first, Buffer.alloc(0), "w+")];
      for (const each of taken) {
        const file = files[each.pick % files.length] as Model;
        const { overlay, descriptor } = file;
        switch (each.do) {
          case "write": {
            const { offset, length, seed } = each as {
              offset: number;
              length: number;
              seed: number;
            };
            const bytes = pattern(length, seed);
            overlay.sync.writeSync(descriptor, bytes, 0, length, offset);
            if (length > 0)
              file.bytes = resized(file.bytes, Math.max(file.bytes.length, offset + length));
            bytes.copy(file.bytes, offset);
            break;
          }
          case "append": {
            const { length, seed } = each as { length: number; seed: number };
            overlay.sync.appendFileSync("/file", pattern(length, seed));
            file.bytes = Buffer.concat([file.bytes, pattern(length, seed)]);
            break;
          }
          case "truncate": {
            const { length } = each as { length: number };
            overlay.sync.ftruncateSync(descriptor, length);
            file.bytes = resized(file.bytes, length);
            break;
          }
          case "fork":
            files.push(opened(overlay.fork(), file.bytes, "r+"));
            break;
          case "copy":
            // What was written stays with one of both names, whichever is written to next.
            overlay.sync.copyFileSync("/file", "/copy");
            overlay.sync.appendFileSync("/copy", "more");
            overlay.sync.writeSync(descriptor, Buffer.from("!"), 0, 1, 0);
            file.bytes = resized(file.bytes, Math.max(1, file.bytes.length));
            file.bytes.write("!", 0);
            break;
          case "snapshot":
            await overlay.snapshot({ durability: "relaxed" });
            break;
          default: {
            const { snapshot } = await overlay.snapshot({ durability: "relaxed" });
            files.push(opened(snapshot.overlay(), file.bytes, "r+"));
          }
        }
      }
      for (const { overlay, descriptor, bytes } of files) {
        expect(overlay.sync.readFileSync("/file")).toSatisfy((read: Buffer) => read.equals(bytes));
        const middle = Math.floor(bytes.length / 3);
        const part = Buffer.alloc(100_000);
        const count = overlay.sync.readSync(descriptor, part, 0, part.length, middle);
        expect(part.subarray(0, count).equals(bytes.subarray(middle, middle + part.length))).toBe(
          true,
        );
        overlay.sync.closeSync(descriptor);
      }
    }),
    { numRuns: 30 },
  );
});

test("what overlays hold in memory is bounded, and all of it can be read", async () => {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  const before = process.memoryUsage().arrayBuffers;
  const overlays = [store.overlay()];
  for (let each = 0; each < 4; each++) overlays.push((overlays[0] as Overlay).fork());
  let most = 0;
  const write = (overlay: Overlay, index: number, file: number): void => {
    const descriptor = overlay.sync.openSync(`/${file}`, "w");
    for (let part = 0; part < 10; part++)
      overlay.sync.writeSync(descriptor, pattern(MEBIBYTE, index * 100 + file * 10 + part));
    overlay.sync.closeSync(descriptor);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  };
  for (const [index, overlay] of overlays.entries())
    for (let file = 0; file < 4; file++) write(overlay, index, file);
  // 200 MiB were written; 64 MiB may stay, beside what is being stored and what nobody has collected yet.
  expect(most).toBeLessThan(128 * MEBIBYTE);
  for (const [index, overlay] of overlays.entries())
    for (let file = 0; file < 4; file++) {
      const bytes = overlay.sync.readFileSync(`/${file}`) as Buffer;
      for (let part = 0; part < 10; part++) {
        const written = pattern(MEBIBYTE, index * 100 + file * 10 + part);
        const read = bytes.subarray(part * MEBIBYTE, (part + 1) * MEBIBYTE);
        expect([index, file, part, read.equals(written)]).toEqual([index, file, part, true]);
      }
    }
  // What was stored along the way is in no snapshot, until it is captured.
  const { snapshot } = await (overlays[4] as Overlay).snapshot();
  expect(snapshot.totalBytes).toBe(40 * MEBIBYTE);
  expect(
    (await snapshot.readFile("3")).equals(overlays[4]!.sync.readFileSync("/3") as Buffer),
  ).toBe(true);
});

test("holes cost nothing to capture, and are the zeros that they stand for", async () => {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  const overlay = store.overlay();
  const { sync } = overlay;
  // One of them has its zeros written out: both are the same file.
  const dense = Buffer.alloc(5 * MEBIBYTE);
  pattern(1000, 1).copy(dense, 3 * MEBIBYTE + 10);
  sync.writeFileSync("/dense", dense);
  sync.writeFileSync("/sparse", "");
  const file = sync.openSync("/sparse", "r+");
  sync.writeSync(file, pattern(1000, 1), 0, 1000, 3 * MEBIBYTE + 10);
  sync.ftruncateSync(file, dense.length);
  // 2^40 bytes would take hours to read.
  sync.writeFileSync("/huge", "begins");
  sync.truncateSync("/huge", 2 ** 40);
  const huge = sync.openSync("/huge", "r+");
  sync.writeSync(huge, Buffer.from("in the middle"), 0, 13, 2 ** 39);
  const { snapshot } = await overlay.snapshot();
  expect((await snapshot.readFile("sparse")).equals(dense)).toBe(true);
  const digest = (await snapshot.stat("dense"))?.digest;
  expect(digest).toMatch(/^sha256:/);
  expect((await snapshot.stat("sparse"))?.digest).toBe(digest);
  const after = snapshot.overlay().sync;
  expect(after.statSync("/huge")?.size).toBe(2 ** 40);
  const read = Buffer.alloc(15);
  after.readSync(after.openSync("/huge", "r"), read, 0, 15, 2 ** 39 - 1);
  expect(read.toString()).toBe("\0in the middle\0");
});

function opened(overlay: Overlay, bytes: Buffer, flags: string): Model {
  return { overlay, descriptor: overlay.sync.openSync("/file", flags), bytes };
}

function resized(bytes: Buffer, length: number): Buffer {
  const other = Buffer.alloc(length);
  bytes.copy(other);
  return other;
}

/** Bytes that differ with the seed and do not repeat themselves soon. */
function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.ceil(length / 4) * 4);
  let state = (seed + 1) * 0x9e37_79b1;
  for (let at = 0; at < bytes.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes.writeInt32LE(state, at);
  }
  return bytes.subarray(0, length);
}
