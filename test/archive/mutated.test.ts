/**
 * Whatever bytes are given: an archive is imported or refused, by its codes, and soon.
 */
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CoppiceError } from "#dist/index.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { emptyStore } from "./empty-store.js";
import {
  base256,
  blocksOf,
  directory,
  file,
  hard,
  link,
  longName,
  pax,
  sparse,
  tarOf,
} from "./tar-blocks.js";

const REFUSALS = ["ARCHIVE_DAMAGED", "ARCHIVE_UNSAFE", "ARCHIVE_TOO_LARGE", "UNSUPPORTED"];
const BLOCK_BYTES = 512;

/** An archive with something of every form. */
const archive = tarOf(
  pax({ comment: "all" }, "g"),
  directory("./"),
  directory("a"),
  file("a/small", "content"),
  file("a/large", "0123456789".repeat(10_000)),
  pax({ path: "a/pax", mtime: "-1.25", "SCHILY.xattr.user.x": "y" }),
  file("short"),
  longName(`a/${"long".repeat(40)}`),
  { ...file("short"), magic: "ustar  \0", size: base256(1n, 12) },
  link("a/link", "small"),
  hard("a/hard", "a/large"),
  { name: "fifo", type: "6" },
  ...sparse(
    { "GNU.sparse.realsize": "5000", "GNU.sparse.name": "a/sparse" },
    Buffer.concat([Buffer.from("2\n0\n2\n4000\n3\n".padEnd(512, "\0")), Buffer.from("abcde")]),
  ),
  {
    name: "a/old",
    type: "S",
    magic: "ustar  \0",
    body: "abc",
    patch: [
      [386, Buffer.from("00000000144\x0000000000003\0")],
      [483, Buffer.from("00000001000\0")],
    ],
  },
);

async function outcomes(archives: Iterable<Buffer>): Promise<void> {
  const store = await emptyStore();
  for (const bytes of archives) {
    const before = (await store.snapshots()).length;
    const error = await store.import(bytes, { durability: "relaxed" }).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    const made = (await store.snapshots()).length - before;
    if (error === undefined) expect(made).toBe(1);
    else {
      if (!(error instanceof CoppiceError)) throw error;
      expect(REFUSALS).toContain(error.code);
      expect(made).toBe(0);
    }
  }
}

/** Puts the right checksum into a header, so that what is changed in it is looked at. */
function withChecksum(bytes: Buffer, block: number): Buffer {
  const header = bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

test("an archive that is cut off at any block, or anywhere, is imported or refused", async () => {
  const cuts = Array.from(
    { length: archive.length / BLOCK_BYTES },
    (_, block) => block * BLOCK_BYTES,
  );
  // The body of the large file is cut at some of its blocks only.
  const some = cuts.filter((cut, index) => cut < 8000 || cut > 105_000 || index % 20 === 0);
  await outcomes(
    some.flatMap((cut) => [archive.subarray(0, cut), archive.subarray(0, cut + ((cut * 7) % 511))]),
  );
});

test("an archive with changed bytes in its headers is imported or refused", async () => {
  const blocks = archive.length / BLOCK_BYTES;
  const headers = Array.from({ length: blocks }, (_, block) => block).filter(
    (block) =>
      archive.toString("latin1", block * BLOCK_BYTES + 257, block * BLOCK_BYTES + 262) === "ustar",
  );
  const change = fc.tuple(
    fc.constantFrom(...headers),
    fc.oneof(fc.integer({ min: 100, max: 160 }), fc.integer({ min: 0, max: 511 })),
    fc.oneof(
      fc.constantFrom(0, 0x20, 0x2f, 0x2e, 0x30, 0x37, 0x78, 0x4c, 0x53, 0x80, 0xff),
      fc.integer({ min: 0, max: 255 }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const changed = Buffer.from(archive);
      for (const [block, at, byte] of changes) {
        changed[block * BLOCK_BYTES + at] = byte;
        withChecksum(changed, block);
      }
      await outcomes([changed]);
    }),
    { numRuns: 150 },
  );
});

test("extended headers of any bytes are taken or refused", async () => {
  const keyword = fc.constantFrom(
    "path",
    "linkpath",
    "size",
    "uid",
    "mtime",
    "GNU.sparse.map",
    "GNU.sparse.major",
    "GNU.sparse.realsize",
    "GNU.sparse.numblocks",
    "GNU.sparse.offset",
    "SCHILY.xattr.user.a",
    "LIBARCHIVE.xattr.user.%41",
    "comment",
  );
  const value = fc.oneof(
    fc.constantFrom("", "0", "1", "1.0", "-1", "0,0", "a/../b", "/", ".", "99999999999999999999"),
    fc.string({ maxLength: 40 }),
  );
  const records = fc.array(fc.tuple(keyword, value), { maxLength: 5 });
  const body = fc.oneof(
    records.map((each) => blocksOf(pax(each))),
    fc
      .uint8Array({ maxLength: 700 })
      .map((bytes) => blocksOf({ type: "x", body: Buffer.from(bytes) })),
  );
  await fc.assert(
    fc.asyncProperty(body, async (extension) => {
      await outcomes([tarOf(extension, file("a", "abc"), file("b"))]);
    }),
    { numRuns: 150 },
  );
});

test("random bytes are refused or empty, also in gzip and zstd", async () => {
  const magic = fc.constantFrom("", "1f8b08", "28b52ffd", "28b52ffd24", "28b52ffd0058", "502a4d18");
  await fc.assert(
    fc.asyncProperty(
      magic,
      fc.uint8Array({ maxLength: 3000 }),
      fc.boolean(),
      async (start, bytes, isPacked) => {
        const raw = Buffer.concat([Buffer.from(start, "hex"), bytes]);
        await outcomes([isPacked ? gzipSync(raw) : raw]);
      },
    ),
    { numRuns: 150 },
  );
});

testIf("zstd", "zstd with changed bytes is expanded to the same or refused", async () => {
  const { stdoutBytes } = await run("zstd", ["-qc", "-19"], { input: archive });
  const store = await emptyStore();
  const { snapshot } = await store.import(stdoutBytes);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(stdoutBytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const changed = Buffer.from(stdoutBytes);
        changed[at]! ^= flip;
        const digest = await store.import(changed, { durability: "relaxed" }).then(
          (result) => result.snapshot.digest,
          (error: unknown) => {
            if (!(error instanceof CoppiceError)) throw error;
            expect(REFUSALS).toContain(error.code);
            return snapshot.digest;
          },
        );
        expect(digest).toBe(snapshot.digest);
      },
    ),
    { numRuns: 200 },
  );
});

testIf("tar", "import() tells the names that GNU tar tells", async () => {
  const store = await emptyStore();
  const forms = [
    archive,
    // A size in records is the file's, not that of the long name between them: a reader that takes it for that sees other files.
    tarOf(
      pax({ size: "1536" }),
      longName("long"),
      file("a", "a".repeat(16)),
      file("b"),
      file("c"),
      file("d"),
    ),
    tarOf({ name: "v7/", magic: "" }, { ...file("v7/a"), magic: "", type: "\0" }),
    tarOf({ ...file("signed-\xff"), checksum: "signed" }),
    tarOf(file("a", "old"), file("a", "new"), directory("b"), file("b", "x")),
    tarOf(pax({ comment: "of all" }, "g"), pax({ path: "mine" }), file("own"), file("own")),
  ];
  for (const form of forms) {
    const { stdout } = await run("tar", ["-t", "--quoting-style=literal", "-f", "-"], {
      input: form,
    });
    const { snapshot } = await store.import(form);
    const own: string[] = [];
    for await (const { path } of snapshot.walk()) own.push(path);
    const named = stdout.split("\n").map((line) => line.replace(/^\.\//, "").replace(/\/$/, ""));
    expect(own.sort()).toEqual([...new Set(named.filter(Boolean))].sort());
  }
});
