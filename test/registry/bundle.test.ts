/** Bundles: archives that are uploaded, and come back byte by byte. */
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { inDirectory } from "../workspace/workspace-fixture.js";
import { expectConsistent, numbersOf, registryFixture } from "./registry-fixture.js";

const entrypoint = "node main.js";
const sha256 = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A store, and a tar archive of what a script makes. */
async function bundled(script?: string, options = "czf") {
  const fixture = await registryFixture(script);
  const bundle = join(fixture.scratch, "bundle");
  inDirectory(fixture.scratch, `tar ${options} bundle -C bot .`);
  return { ...fixture, bundle, bytes: readFileSync(bundle) };
}

for (const options of ["cf", "czf", "--zstd -cf"]) {
  test(`a bundle of tar ${options} comes back as it was, wherever it is uploaded from`, async () => {
    const { store, directory, bundle, bytes } = await bundled(
      "echo 1 >main.js; mkdir d; head -c 3000000 /dev/urandom >d/large; ln -s main.js link",
      options,
    );
    const { snapshot } = await store.snapshot(directory);
    async function* dribbled() {
      for (let at = 0; at < bytes.length; at += 9_999) yield bytes.subarray(at, at + 9_999);
    }
    for (const source of [bundle, bytes, createReadStream(bundle), dribbled()]) {
      const version = await store.registry.upload({ name: "bot", bundle: source, entrypoint });
      expect(version).toMatchObject({ digest: sha256(bytes), sizeBytes: bytes.length });
      expect((await store.get(version.snapshot)).stateDigest).toBe(snapshot.stateDigest);
      expect(bytes.equals(await buffer(store.registry.download(version)))).toBe(true);
    }
    expect(await numbersOf(store, "bot")).toEqual([4, 3, 2, 1]);
    await expectConsistent(store);
  });
}

test("the same bytes again are the same digest, a new version, and hardly any space", async () => {
  const { store, bundle } = await bundled("head -c 2000000 /dev/urandom >large");
  const first = await store.registry.upload({ name: "bot", bundle, entrypoint });
  const { storedBytes } = await store.stats();
  const second = await store.registry.upload({ name: "bot", bundle, entrypoint });
  expect(second).toMatchObject({
    digest: first.digest,
    snapshotDigest: first.snapshotDigest,
    version: 2,
  });
  expect((await store.stats()).storedBytes - storedBytes).toBeLessThan(20_000);
  // Either can go, and the other one is whole.
  await store.registry.delete(first);
  await store.gc();
  expect((await buffer(store.registry.download(second))).length).toBe(second.sizeBytes);
  expect((await (await store.get(second.snapshot)).readFile("large")).length).toBe(2_000_000);
  await expectConsistent(store);
});

test("a bundle that would reach what is not its own is refused, and nothing is left of it", async () => {
  const { store, scratch, bytes } = await bundled();
  const hostile = {
    "a path with ..": "tar cPf bad --transform 's,^bot,../bot,' bot",
    "an absolute path": "tar cPf bad --transform 's,^bot,/bot,' bot",
    "a link that leads out": "ln -s ../../etc bot/out; tar cf bad bot",
  };
  for (const [what, script] of Object.entries(hostile)) {
    inDirectory(scratch, script);
    const bundle = join(scratch, "bad");
    await expect(
      store.registry.upload({ name: "bot", bundle, entrypoint }),
      what,
    ).rejects.toMatchObject({ code: "ARCHIVE_UNSAFE" });
  }
  const damaged = bytes.subarray(0, bytes.length / 2);
  await expect(
    store.registry.upload({ name: "bot", bundle: damaged, entrypoint }),
  ).rejects.toMatchObject({ code: "ARCHIVE_DAMAGED" });
  await expect(
    store.registry.upload({ name: "bot", bundle: bytes, entrypoint, limits: { maxEntries: 1 } }),
  ).rejects.toMatchObject({ code: "ARCHIVE_TOO_LARGE", reason: "maxEntries" });
  await expect(
    store.registry.upload({ name: "bot", bundle: join(scratch, "none"), entrypoint }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await store.snapshots()).toEqual([]);
  await expectConsistent(store);
});

test("a bundle that is too large is refused as it comes, and read no further", async () => {
  const { store } = await registryFixture();
  await store.registry.limits({ maxSizeBytes: 1_000_000 });
  let givenBytes = 0;
  let isEnded = false;
  function* endless() {
    try {
      // A file of 8 GiB less one byte, and its first bytes.
      yield header("large", "77777777777");
      for (;;) {
        yield Buffer.alloc(100_000);
        givenBytes += 100_000;
      }
    } finally {
      isEnded = true;
    }
  }
  await expect(
    store.registry.upload({ name: "bot", bundle: endless(), entrypoint }),
  ).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  expect(givenBytes).toBeLessThanOrEqual(1_100_000);
  expect(isEnded).toBe(true);
  expect(await store.snapshots()).toEqual([]);
});

test("an upload whose stream fails or is aborted leaves nothing", async () => {
  const { store, bytes } = await bundled("head -c 500000 /dev/urandom >large");
  const abort = new AbortController();
  async function* failing(end: () => void) {
    yield bytes.subarray(0, 100_000);
    yield bytes.subarray(100_000, 200_000);
    end();
    yield bytes.subarray(200_000);
  }
  const fails = () => {
    throw Object.assign(new Error("the line is cut"), { code: "ECONNRESET" });
  };
  await expect(
    store.registry.upload({ name: "bot", bundle: failing(fails), entrypoint }),
  ).rejects.toThrow(/the line is cut/);
  await expect(
    store.registry.upload({
      name: "bot",
      bundle: failing(() => abort.abort()),
      entrypoint,
      signal: abort.signal,
    }),
  ).rejects.toMatchObject({ code: "ABORTED" });
  expect(await store.snapshots()).toEqual([]);
  await expectConsistent(store);
});

testIf("root", "devices and owners are taken in as the upload says", async () => {
  const { store, bundle } = await bundled(
    "echo 1 >main.js; chown 1234:5678 main.js; mknod null c 1 3",
  );
  await expect(store.registry.upload({ name: "bot", bundle, entrypoint })).rejects.toMatchObject({
    code: "ARCHIVE_UNSAFE",
  });
  const kept = await store.registry.upload({ name: "bot", bundle, entrypoint, devices: "keep" });
  const snapshot = await store.get(kept.snapshot);
  expect(await snapshot.stat("null")).toMatchObject({ kind: "character-device" });
  expect(await snapshot.stat("main.js")).toMatchObject({ uid: 1234, gid: 5678 });
  const own = await store.registry.upload({
    name: "bot",
    bundle,
    entrypoint,
    devices: "keep",
    owner: "self",
  });
  expect(await (await store.get(own.snapshot)).stat("main.js")).toMatchObject({ uid: 0, gid: 0 });
});

/** Returns the header of a file, of ustar. */
function header(name: string, octalSize: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${octalSize}\0`, 124);
  block.write("00000000000\0", 136);
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
