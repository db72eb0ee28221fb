/**
 * Archives that are more than they look: each limit holds, by its name, and can be raised.
 */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { UnpackOptions } from "#dist/index.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { emptyStore, refusal } from "./empty-store.js";
import type { TarEntry } from "./tar-blocks.js";
import { base256, file, pax, sparse, tarOf } from "./tar-blocks.js";

const MIB = 1024 * 1024;
/** A file of zeros, which is a thousandth in gzip. */
const zeros = (bytes: number) => tarOf({ name: "zeros", body: Buffer.alloc(bytes) });
const bomb = gzipSync(zeros(80 * MIB));
const many = tarOf(...Array.from({ length: 50 }, (_, index) => file(`file-${index}`, "")));

const BEYOND: readonly (readonly [string, string, Buffer | TarEntry[], UnpackOptions["limits"]])[] =
  [
    ["expands to more than it may", "maxBytes", bomb, { maxBytes: 70 * MIB, maxRatio: 2000 }],
    ["expands to more times its size than it may", "maxRatio", bomb, {}],
    ["has more bytes than it may", "maxBytes", zeros(MIB), { maxBytes: MIB }],
    [
      "has larger holes than it may",
      "maxBytes",
      sparse({ "GNU.sparse.realsize": String(2 ** 50) }, "0\n"),
      {},
    ],
    ["has more entries than it may", "maxEntries", many, { maxEntries: 49 }],
    [
      "has more directories on the way than it may",
      "maxEntries",
      [file("a/b/c/d/e")],
      { maxEntries: 4 },
    ],
    [
      "has a longer path than it may",
      "maxPathBytes",
      [pax({ path: `${"abc/".repeat(1100)}x` }), file("a")],
      {},
    ],
    ["has more names than it may", "maxMetadataBytes", many, { maxMetadataBytes: 5000 }],
    [
      "has more attributes than it may",
      "maxMetadataBytes",
      [pax({ "SCHILY.xattr.user.a": "a".repeat(9000) }), file("a")],
      { maxMetadataBytes: 9000 },
    ],
  ];

for (const [name, limit, archive, limits = {}] of BEYOND)
  test(`import() refuses an archive that ${name} (${limit})`, async () => {
    const store = await emptyStore();
    const bytes = Buffer.isBuffer(archive) ? archive : tarOf(...archive);
    const error = await refusal(store, bytes, { limits });
    expect(error).toMatchObject({ code: "ARCHIVE_TOO_LARGE", reason: limit });
    expect(error.message).toContain(`limits.${limit}`);
  });

test("import() takes what a raised limit allows", async () => {
  const store = await emptyStore();
  const { report } = await store.import(bomb, { limits: { maxRatio: 2000 } });
  expect(report).toMatchObject({ entries: 1, compression: "gzip", archiveBytes: bomb.length });
  expect((await store.import(many, { limits: { maxEntries: 50 } })).report.entries).toBe(50);
});

test("import() refuses a file that claims more bytes than it may have, and reads none of them", async () => {
  const store = await emptyStore();
  let asked = 0;
  const source = async function* () {
    yield tarOf({ name: "a", size: base256(2n ** 45n, 12) }).subarray(0, 512);
    for (; ; asked++) yield Buffer.alloc(MIB);
  };
  const error = await refusal(store, source(), { limits: { maxBytes: 4 * MIB } });
  expect(error).toMatchObject({ code: "ARCHIVE_TOO_LARGE", reason: "maxBytes" });
  expect(asked).toBeLessThan(6);
});

test("import() checks what follows the end as well", async () => {
  const store = await emptyStore();
  const trailing = gzipSync(Buffer.concat([tarOf(file("a")), Buffer.alloc(80 * MIB)]));
  expect(await refusal(store, trailing)).toMatchObject({ reason: "maxRatio" });
});

test("import() refuses zstd that wants more memory than it may", async () => {
  const store = await emptyStore();
  // A frame with a window of 2^41 bytes, and an empty block.
  const greedy = Buffer.from("28b52ffd00f8010000", "hex");
  expect(await refusal(store, greedy)).toMatchObject({
    code: "ARCHIVE_TOO_LARGE",
    reason: "maxWindowBytes",
  });
  // One that is its own window, of 2^40 bytes.
  const single = Buffer.from("28b52ffde00000000000010000010000", "hex");
  expect(await refusal(store, single)).toMatchObject({ reason: "maxWindowBytes" });
});

testIf("zstd", "import() refuses a bomb in zstd", async () => {
  const store = await emptyStore();
  const { stdoutBytes } = await run("zstd", ["-qc"], { input: zeros(80 * MIB) });
  expect(await refusal(store, stdoutBytes)).toMatchObject({ reason: "maxRatio" });
});

test("import() refuses limits that are none", async () => {
  const store = await emptyStore();
  await expect(store.import(many, { limits: { maxBytes: 0 } })).rejects.toThrow(RangeError);
  await expect(store.import(many, { limits: { maxEntries: Number.NaN } })).rejects.toThrow(
    RangeError,
  );
  await expect(store.import(many, { limits: { maxByte: 1 } as never })).rejects.toThrow(RangeError);
  await expect(store.import(many, { links: "outside" as never })).rejects.toThrow(TypeError);
});
