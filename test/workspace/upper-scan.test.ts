/** Scans of an upper directory, where they cannot be brought about through a workspace. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "#dist/hash/sha256.js";
import { ClaimedChunks } from "#dist/scan/known-chunks.js";
import { findSnapshot } from "#dist/snapshot/find-snapshot.js";
import { atOnce } from "#dist/threads/in-turns.js";
import { NewObjects } from "#dist/tree/new-objects.js";
import { readRoot } from "#dist/tree/root.js";
import { UpperScanner } from "#dist/workspace/overlayfs/upper-scanner.js";
import { bash, captured } from "../image/image-fixture.js";

test("what was read before a scan had to start again is stored, and not read again", async () => {
  const { engine, scratch } = await captured(bash("mkdir directory; echo 1 >directory/1"));
  const { digest } = findSnapshot(engine.catalog.snapshots, "first");
  const path = join(scratch, "upper");
  mkdirSync(join(path, "directory"), { recursive: true });
  writeFileSync(join(path, "directory", "new"), "content");
  // Files were made long before, as far as times can tell.
  await bash("find . -exec touch {} +; sleep 0.2")(path);
  let reads = 0;
  const objects = {
    readObject(wanted: Buffer) {
      // As where a program has taken away what was listed.
      if (++reads === 1) throw Object.assign(new Error("it is gone"), { code: "ENOENT" });
      return engine.objects.readObject(wanted);
    },
  };
  const stored = new Map<string, string>();
  const sink = {
    append: (bytes: Uint8Array, chunk: Buffer) =>
      void stored.set(chunk.toString("hex"), Buffer.from(bytes).toString()),
  };
  const base = readRoot(engine.objects, digest);
  const scanner = new UpperScanner({ path, base, tellsEachChange: () => false, omit: [] });
  const known = new ClaimedChunks(undefined);
  const nodes = new NewObjects(engine.objects);
  const { filesRead, entryCount } = atOnce(scanner.scan({ objects, known, sink, nodes }));
  expect(reads).toBeGreaterThan(1);
  expect([filesRead, entryCount]).toEqual([1, 3]);
  expect(Object.fromEntries(stored)).toEqual({
    [sha256(Buffer.from("content")).toString("hex")]: "content",
  });
});
