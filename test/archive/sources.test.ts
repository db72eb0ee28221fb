/**
 * Wherever an archive's bytes come from, in whatever pieces and compression, the same comes of it.
 */
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { ArchiveSource, CoppiceError } from "#dist/index.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { emptyStore, refusal } from "./empty-store.js";
import { directory, file, hard, link, pax, sparse, tarOf } from "./tar-blocks.js";

const noise = Buffer.from(
  Array.from({ length: 300_000 }, (_, index) => (index * index * 7919) >> 7),
);
const archive = tarOf(
  directory("src/"),
  file("src/a.ts", "export {};\n"),
  pax({ "SCHILY.xattr.user.kind": "large", mtime: "1.5" }),
  { name: "src/large", body: noise },
  hard("src/again", "src/large"),
  link("src/latest", "a.ts"),
  ...sparse(
    { "GNU.sparse.realsize": "1000000" },
    Buffer.concat([Buffer.from("1\n500000\n3\n".padEnd(512, "\0")), Buffer.from("abc")]),
  ),
);

function* piecesOf(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const halves = [archive.subarray(0, 1000), archive.subarray(1000)];
const SOURCES: Readonly<Record<string, () => ArchiveSource>> = {
  "a path": () => {
    const path = join(scratchDirectory(), "archive.tar");
    writeFileSync(path, archive);
    return path;
  },
  bytes: () => new Uint8Array(archive),
  "a stream of a file": () => {
    const path = join(scratchDirectory(), "archive.tar");
    writeFileSync(path, archive);
    return createReadStream(path);
  },
  "a web stream": () => Readable.toWeb(Readable.from([archive])) as ReadableStream<Uint8Array>,
  "single bytes": () => piecesOf(archive, 1),
  "pieces of 511 bytes": () => piecesOf(archive, 511),
  "pieces of 5,000 bytes": () => piecesOf(archive, 5000),
  gzip: () => gzipSync(archive),
  "gzip in several members": () => Buffer.concat(halves.map((half) => gzipSync(half))),
  "gzip in single bytes": () => piecesOf(gzipSync(archive), 1),
  "gzip with zeros behind it": () => Buffer.concat([gzipSync(archive), Buffer.alloc(1024)]),
};

for (const [name, source] of Object.entries(SOURCES))
  test(`import() makes of ${name} the same as of bytes`, async () => {
    const store = await emptyStore();
    const { snapshot } = await store.import(archive);
    const { snapshot: other, report } = await store.import(source());
    expect(other.digest).toBe(snapshot.digest);
    expect(report.bytes).toBe(archive.length);
    expect(noise.equals(await other.readFile("src/again"))).toBe(true);
    const holes = await other.readFile("sparse");
    expect(holes.subarray(500_000, 500_003).toString()).toBe("abc");
    expect(holes.length).toBe(1_000_000);
  });

testIf("zstd", "import() makes of zstd the same as of bytes, whatever its frames", async () => {
  const store = await emptyStore();
  const { snapshot } = await store.import(archive);
  const zstd = async (input: Buffer, ...options: string[]) =>
    (await run("zstd", ["-qc", ...options], { input })).stdoutBytes;
  const skipped = Buffer.concat([Buffer.from("5a2a4d1805000000", "hex"), Buffer.from("hello")]);
  const frames = await Promise.all(halves.map((half) => zstd(half)));
  const forms = [
    await zstd(archive),
    await zstd(archive, "-19", "--no-check"),
    await zstd(archive, "--fast=5", "--long=27"),
    await zstd(archive, `--stream-size=${archive.length}`),
    Buffer.concat([skipped, ...frames.flatMap((frame) => [frame, skipped])]),
  ];
  for (const form of forms) {
    for (const source of [form, piecesOf(form, 7)]) {
      const { snapshot: other, report } = await store.import(source);
      expect(other.digest).toBe(snapshot.digest);
      expect(report.compression).toBe("zstd");
    }
  }
  const [form] = forms as [Buffer];
  for (const broken of [
    form.subarray(0, -1),
    form.subarray(0, 100),
    Buffer.concat([form, Buffer.from("junk")]),
    Buffer.concat([form.subarray(0, -4), Buffer.from("junk")]),
  ])
    expect((await refusal(store, broken)).code).toBe("ARCHIVE_DAMAGED");
});

test("import() refuses gzip that is cut off, damaged, or has something behind it", async () => {
  const store = await emptyStore();
  const form = gzipSync(archive);
  const flipped = Buffer.from(form);
  flipped[form.length - 6]! ^= 1;
  for (const broken of [
    form.subarray(0, -1),
    form.subarray(0, 100),
    flipped,
    Buffer.concat([form, Buffer.from("junk")]),
  ])
    expect((await refusal(store, broken)).code).toBe("ARCHIVE_DAMAGED");
});

test("import() names the format of what is no tar archive", async () => {
  const store = await emptyStore();
  for (const [magic, name] of [
    ["fd377a585a000004e6d6", "xz"],
    ["425a6839314159265359", "bzip2"],
    ["504b03041400000008000000", "zip"],
  ] as const) {
    const error = await refusal(store, Buffer.from(magic, "hex"));
    expect(error).toMatchObject({ code: "UNSUPPORTED" });
    expect(error.message).toContain(name);
  }
});

test("import() hands on what its source fails with, and ends it where it refuses", async () => {
  const store = await emptyStore();
  const failure = new Error("the line is dead");
  const failing = async function* () {
    yield archive.subarray(0, 5000);
    throw failure;
  };
  expect(await refusal(store, failing())).toBe(failure);
  expect(await refusal(store, Readable.from(failing()))).toBe(failure);
  let isEnded = false;
  const endless = async function* () {
    try {
      yield tarOf(file("../x"));
      for (;;) yield Buffer.alloc(65_536);
    } finally {
      isEnded = true;
    }
  };
  expect((await refusal(store, endless())).code).toBe("ARCHIVE_UNSAFE");
  expect(isEnded).toBe(true);
  expect((await refusal(store, "/nowhere/archive.tar")).code).toBe("NOT_FOUND");
  await expect(store.import(17 as never)).rejects.toThrow(TypeError);
  await expect(store.import(["text"] as never)).rejects.toThrow(TypeError);
});

test("import() ends when its signal is aborted", async () => {
  const store = await emptyStore();
  const abort = new AbortController();
  const source = async function* () {
    yield archive.subarray(0, 5000);
    abort.abort();
    yield archive.subarray(5000);
  };
  expect((await refusal(store, source(), { signal: abort.signal })).code).toBe("ABORTED");
  expect((await refusal(store, archive, { signal: AbortSignal.abort() })).code).toBe("ABORTED");
});

test("import() reads a source as it is used", async () => {
  const store = await emptyStore();
  let yielded = 0;
  let aheadMax = 0;
  const body = Buffer.alloc(1 << 20, 7);
  const large = tarOf({
    name: "large",
    body: Buffer.concat(Array.from({ length: 40 }, () => body)),
  });
  const source = async function* () {
    for (const piece of piecesOf(large, 65_536)) {
      yielded += piece.length;
      yield piece;
    }
  };
  await store.import(source(), {
    onProgress: (progress) => {
      if (progress.phase === "unpack") aheadMax = Math.max(aheadMax, yielded - progress.bytes);
    },
  });
  expect(yielded).toBe(large.length);
  expect(aheadMax).toBeLessThan(1 << 20);
});

test("unpack() gives an overlay, registers nothing, and leaves nothing once that is discarded", async () => {
  const store = await emptyStore();
  const { overlay, report } = await store.unpack(archive);
  expect(report.entries).toBe(6);
  expect(await store.snapshots()).toEqual([]);
  await store.gc();
  expect(noise.equals(await overlay.readFile("/src/again"))).toBe(true);
  expect(overlay.sync.statSync("/src/large").nlink).toBe(2);
  expect(overlay.head).toBeUndefined();
  const { snapshot } = await overlay.snapshot({ name: "unpacked" });
  expect(snapshot.digest).toBe((await store.import(archive)).snapshot.digest);
  await overlay.writeFile("/src/new", "new");
  expect((await overlay.snapshot()).snapshot.parents).toEqual([snapshot.id]);
});

test("unpack() of what is refused leaves nothing", async () => {
  const store = await emptyStore();
  const before = (await store.stats()).chunks;
  const error = await store
    .unpack(tarOf(file("a", noise.toString()), file("../x")))
    .catch((cause: CoppiceError) => cause);
  expect(error).toMatchObject({ code: "ARCHIVE_UNSAFE", reason: "parent-path", path: "../x" });
  expect((await store.stats()).chunks).toEqual(before);
});
