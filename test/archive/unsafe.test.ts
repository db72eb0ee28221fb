/**
 * Tricks that lead out of an archive's tree, as they were tried against node-tar, tar-fs, tar-rs, Go's archive/tar, libarchive and
 * Python's tarfile: each is refused with its reason, and leaves nothing behind.
 */
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import type { UnpackOptions } from "#dist/index.js";
import { emptyStore, refusal } from "./empty-store.js";
import type { TarEntry } from "./tar-blocks.js";
import { directory, file, hard, link, longName, pax, sparse, tarOf } from "./tar-blocks.js";

type Trick = readonly [
  name: string,
  entries: readonly (TarEntry | Buffer)[],
  options?: UnpackOptions,
];

const UNSAFE: Readonly<Record<string, readonly Trick[]>> = {
  "absolute-path": [
    ["a file with an absolute path", [file("/etc/passwd")]],
    ["a directory that is /", [directory("/")]],
    ["an absolute path in records", [pax({ path: "/etc/passwd" }), file("harmless")]],
    ["an absolute path as a long name", [longName("//etc/passwd"), file("harmless")]],
    ["an absolute path by its prefix", [{ name: "passwd", prefix: "/etc", body: "x" }]],
    [
      "an absolute path of a sparse file",
      sparse({ "GNU.sparse.name": "/x", "GNU.sparse.realsize": "0" }, "0\n"),
    ],
  ],
  "parent-path": [
    ["a path that begins with ..", [file("../x")]],
    ["a path with .. in the middle that stays inside", [directory("a"), file("a/../x")]],
    ["a path that ends in ..", [directory("a/..")]],
    ["a path that is ..", [directory("..")]],
    ["a second path with .. behind the same directory", [file("a/x"), file("a/..")]],
    ["a prefix with ..", [{ name: "x", prefix: "a/../..", body: "x" }]],
  ],
  "nul-in-name": [
    ["a NUL in a path of records", [pax({ path: "a\0/../b" }), file("harmless")]],
    ["a NUL in a link's path of records", [pax({ linkpath: "a\0b" }), link("a", "b")]],
    ["a long name that goes on behind its NUL", [longName("a\0b"), file("harmless")]],
  ],
  root: [
    ["a file that is the root", [file(".")]],
    ["a symbolic link that is the root", [link("./", "/etc")]],
    ["a hard link that is the root", [file("a"), hard(".", "a")]],
  ],
  "through-link": [
    [
      "a file behind a link to the outside",
      [link("a", "/etc"), file("a/passwd")],
      { links: "any" },
    ],
    ["a file behind a link that stays inside", [directory("b"), link("a", "b"), file("a/x")]],
    ["a directory behind a link", [link("a", "b"), directory("a/b/c")]],
    ["a link behind a link", [directory("d"), link("a", "d"), link("a/b", "../..")]],
    ["a directory that became a link", [directory("a"), file("b"), link("a", "b"), file("a/x")]],
    [
      "a hard link to something behind a link",
      [directory("b"), file("b/x"), link("a", "b"), hard("c", "a/x")],
    ],
    ["a file behind a hard link to a link", [link("a", "b"), hard("c", "a"), file("c/x")]],
  ],
  "through-file": [
    ["a file behind a file", [file("a"), file("a/b")]],
    ["a file behind a FIFO", [{ name: "a", type: "6" }, file("a/b")]],
  ],
  "replaces-directory": [
    ["a file in the place of a full directory", [file("a/b"), file("a")]],
    ["a link in the place of a full directory", [file("a/b"), link("a", "c")]],
    ["a hard link in the place of a full directory", [file("a/b"), file("c"), hard("a", "c")]],
  ],
  "link-outside": [
    ["an absolute link", [link("a", "/etc/passwd")]],
    ["a link with .. beyond the root", [link("a", "../x")]],
    ["a link that leaves and comes back", [directory("a"), link("b", "../a")]],
    ["a link from a directory with one .. too many", [link("a/b", "../../x")]],
    ["a link by way of a name that is missing", [link("a", "missing/../../x")]],
    ["a link by way of a file", [file("f"), link("a", "f/../../x")]],
    ["two links that lead out together", [link("d/up", ".."), link("e", "d/up/../x")]],
    ["a chain of links", [link("a/b/c", ".."), link("a/d", "b/c/.."), link("e", "a/d/../x")]],
    [
      "a link that a later link on its way makes lead out",
      [link("x", "a/b/../../y"), directory("c"), link("a", "c"), link("c/b", "..")],
    ],
    ["a link in a circle that goes on", [link("a", "b"), link("b", "a/../../x")]],
    ["a link that is moved by a hard link", [link("a/b/l", "../.."), hard("m", "a/b/l")]],
    ["an absolute link in records", [pax({ linkpath: "/etc" }), link("a", "b")]],
    ["an absolute link as a long name", [longName("/etc", "K"), link("a", "b")]],
  ],
  "hard-link-outside": [
    ["a hard link to an absolute path", [hard("a", "/etc/passwd")]],
    ["a hard link with ..", [hard("a", "../x")]],
    ["a hard link with .. that stays inside", [file("b"), hard("a", "c/../b")]],
  ],
  "hard-link-missing": [
    ["a hard link to nothing", [hard("a", "b")]],
    ["a hard link to itself", [hard("a", "a")]],
    ["a hard link to what comes later", [hard("a", "b"), file("b")]],
    ["a hard link to something behind a file", [file("b"), hard("a", "b/c")]],
  ],
  "hard-link-directory": [
    ["a hard link to a directory", [directory("b"), hard("a", "b")]],
    ["a hard link to the root", [hard("a", ".")]],
  ],
  device: [
    [
      "a character device",
      [{ name: "null", type: "3", devmajor: "0000001\0", devminor: "0000003\0" }],
    ],
    ["a block device", [{ name: "disk", type: "4", devmajor: "0000010\0", devminor: "0000000\0" }]],
    ["an overlay's whiteout", [{ name: "gone", type: "3" }]],
  ],
  collision: [
    ["names that differ in case", [file("README"), file("readme")], { caseCollisions: "refuse" }],
    [
      "names in two normal forms",
      [file("caf\u00e9"), file("cafe\u0301")],
      { caseCollisions: "refuse" },
    ],
    ["names with ß and ss", [file("stra\u00dfe"), file("STRASSE")], { caseCollisions: "refuse" }],
    ["a directory and a link", [directory("Foo"), link("foo", "x")], { caseCollisions: "refuse" }],
  ],
};

for (const [reason, tricks] of Object.entries(UNSAFE))
  for (const [name, entries, options] of tricks)
    test(`import() refuses ${name} (${reason})`, async () => {
      const store = await emptyStore();
      const error = await refusal(store, tarOf(...entries), options);
      expect(error).toMatchObject({ name: "CoppiceError", code: "ARCHIVE_UNSAFE", reason });
      expect(error.message).toMatch(/^Cannot unpack archive: entry \d+ /);
      expect(readdirSync(dirname(store.directory))).toEqual(["store"]);
    });
