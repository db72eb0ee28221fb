/**
 * What cannot be read, or what one tar program reads in one way and another one in another: each is refused, and leaves nothing
 * behind.
 */
import { expect, test } from "vitest";
import { emptyStore, refusal } from "./empty-store.js";
import type { TarEntry } from "./tar-blocks.js";
import {
  base256,
  blocksOf,
  directory,
  file,
  hard,
  link,
  longName,
  pax,
  paxRecord,
  sparse,
  tarOf,
} from "./tar-blocks.js";

type Trick = readonly [name: string, entries: readonly (TarEntry | Buffer)[]];

const DAMAGED: readonly Trick[] = [
  ["a wrong checksum", [{ name: "a", checksum: "0000000\0" }]],
  ["a checksum that is no number", [{ name: "a", checksum: "junk\0" }]],
  ["a size with junk in it", [{ name: "a", size: "0000001x000\0" }]],
  ["a size with a second number", [{ name: "a", size: "1 1         " }]],
  ["a negative size in base 256", [{ name: "a", size: base256(-512n, 12) }]],
  ["a size of 2^63", [{ name: "a", size: base256(2n ** 63n, 12) }]],
  ["a size in base 256 of 95 bits", [{ name: "a", size: base256(2n ** 80n, 12) }]],
  [
    "a size that begins with a bit of its own",
    [{ name: "a", size: Buffer.from([0xc0, ...new Array(11).fill(0)]) }],
  ],
  ["a size beyond the end", [{ name: "a", size: "77777777777\0" }]],
  ["an owner beyond 32 bits", [{ name: "a", uid: base256(2n ** 40n, 8) }]],
  ["a negative owner", [{ name: "a", gid: base256(-1n, 8) }]],
  ["an owner in records beyond 32 bits", [pax({ uid: "4294967296" }), file("a")]],
  ["a negative size in records", [pax({ size: "-1" }), file("a")]],
  ["a size in records that is no number", [pax({ size: "0x10" }), file("a")]],
  ["a time in records that is none", [pax({ mtime: "yesterday" }), file("a")]],
  ["a record longer than its header", [{ type: "x", body: "99 path=a\n" }, file("a")]],
  ["a record of no length", [{ type: "x", body: "0 path=a\n" }, file("a")]],
  ["a record with a negative length", [{ type: "x", body: "-9 path=a\n" }, file("a")]],
  ["a record without a newline", [{ type: "x", body: "9 path=ab" }, file("a")]],
  ["a record without =", [{ type: "x", body: "8 path \n" }, file("a")]],
  ["a record without a keyword", [{ type: "x", body: "5 =a\n" }, file("a")]],
  [
    "a record with a length of many digits",
    [{ type: "x", body: `${"0".repeat(100)}9 path=a\n` }, file("a")],
  ],
  [
    "records of more than a mebibyte",
    [{ type: "x", body: paxRecord("comment", "a".repeat(2 ** 20)) }, file("a")],
  ],
  ["records that claim a terabyte", [{ type: "x", size: base256(2n ** 40n, 12) }, file("a")]],
  ["a long name of more than 64 KiB", [longName("a".repeat(70_000)), file("a")]],
  [
    "a long name that claims an exbibyte",
    [{ ...longName("a"), size: base256(2n ** 52n, 12) }, file("a")],
  ],
  ["an empty path in records", [pax({ path: "" }), file("a")]],
  ["an empty size in records", [pax({ size: "" }), file("a")]],
  ["two extended headers for one entry", [pax({ path: "a" }), pax({ path: "b" }), file("c")]],
  ["two long names for one entry", [longName("a"), longName("b"), file("c")]],
  ["a long name and a path in records", [longName("a"), pax({ path: "b" }), file("c")]],
  ["an extended header with nothing behind it", [pax({ path: "a" })]],
  ["a long name with nothing behind it", [longName("a")]],
  ["a symbolic link with content", [{ ...link("a", "b"), body: "x" }]],
  ["a directory with content", [{ ...directory("a"), body: "x" }]],
  ["a file whose name is a directory's, with content", [file("a/")]],
  ["a FIFO with content", [{ name: "a", type: "6", body: "x" }]],
  [
    "a hard link with content, in pax",
    [file("b"), pax({ comment: "a" }), { ...hard("a", "b"), body: "x" }],
  ],
  ["an entry of an unknown type", [{ name: "a", type: "Z" }]],
  ["a part of a volume", [{ name: "a", type: "M", magic: "ustar  \0" }]],
  ["an entry without a name", [{ name: "" }]],
  ["a symbolic link to nothing", [link("a", "")]],
  ["a name of more bytes than file systems take", [pax({ path: "a".repeat(1025) }), file("a")]],
  ["a lone block of zeros in the middle", [file("a"), Buffer.alloc(512), file("b")]],
  [
    "a sparse map that goes beyond its bytes",
    sparse({ "GNU.sparse.realsize": "9" }, "1000\n0\n1\n"),
  ],
  [
    "a sparse map with parts that overlap",
    sparse(
      { "GNU.sparse.realsize": "99" },
      Buffer.concat([Buffer.from("2\n0\n9\n5\n9\n".padEnd(512, "\0")), Buffer.alloc(18)]),
    ),
  ],
  [
    "a sparse map that goes beyond the file",
    sparse(
      { "GNU.sparse.realsize": "9" },
      Buffer.concat([Buffer.from("1\n5\n9\n".padEnd(512, "\0")), Buffer.alloc(9)]),
    ),
  ],
  [
    "a sparse map with less than there is",
    sparse(
      { "GNU.sparse.realsize": "99" },
      Buffer.concat([Buffer.from("1\n5\n9\n".padEnd(512, "\0")), Buffer.alloc(10)]),
    ),
  ],
  ["a sparse map with a negative offset", sparse({ "GNU.sparse.realsize": "99" }, "1\n-5\n0\n")],
  [
    "a sparse map with a number that never ends",
    sparse({ "GNU.sparse.realsize": "99" }, "1".repeat(4096)),
  ],
  [
    "a sparse map of more parts than there can be",
    sparse({ "GNU.sparse.realsize": "99" }, "9999999999\n"),
  ],
  ["a sparse file without a size", sparse({}, "0\n")],
  [
    "a sparse file in a form of tomorrow",
    sparse({ "GNU.sparse.major": "2", "GNU.sparse.realsize": "0" }, "0\n"),
  ],
  [
    "pairs of pax 0.0 out of order",
    [
      pax([
        ["GNU.sparse.size", "9"],
        ["GNU.sparse.numblocks", "1"],
        ["GNU.sparse.numbytes", "1"],
        ["GNU.sparse.offset", "0"],
      ]),
      file("a"),
    ],
  ],
  [
    "a map of pax 0.1 with fewer pairs than it says",
    [
      pax({ "GNU.sparse.size": "9", "GNU.sparse.numblocks": "2", "GNU.sparse.map": "0,1" }),
      file("a"),
    ],
  ],
  [
    "an old sparse map whose parts overlap",
    [
      {
        name: "a",
        type: "S",
        magic: "ustar  \0",
        body: "xx",
        patch: [
          [386, Buffer.from("00000000005\x0000000000001\x0000000000005\x0000000000001\0")],
          [483, Buffer.from("00000000011\0")],
        ],
      },
    ],
  ],
  [
    "an old sparse map that goes on in nothing",
    [
      {
        name: "a",
        type: "S",
        magic: "ustar  \0",
        patch: [
          [482, Buffer.from([1])],
          [483, Buffer.from("00000000011\0")],
        ],
      },
    ],
  ],
  ["bytes that are no archive", [Buffer.from("no archive at all ".repeat(100))]],
];

for (const [name, entries] of DAMAGED)
  test(`import() refuses ${name}`, async () => {
    const store = await emptyStore();
    const error = await refusal(store, tarOf(...entries));
    expect(error).toMatchObject({ name: "CoppiceError", code: "ARCHIVE_DAMAGED" });
  });

test("import() refuses an archive without a byte", async () => {
  expect((await refusal(await emptyStore(), Buffer.alloc(0))).code).toBe("ARCHIVE_DAMAGED");
});

test("import() refuses an archive that ends within an entry, and takes one that ends behind one", async () => {
  const store = await emptyStore();
  const whole = Buffer.concat([blocksOf(file("a", "x".repeat(1000))), blocksOf(file("b"))]);
  for (const bytes of [100, 600, 1530, 2000, 2100])
    expect((await refusal(store, whole.subarray(0, bytes))).code).toBe("ARCHIVE_DAMAGED");
  const { snapshot } = await store.import(whole);
  expect((await snapshot.readdir("")).map(({ name }) => name)).toEqual(["a", "b"]);
});
