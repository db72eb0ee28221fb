/**
 * Whatever bytes a decoder is given, it returns or says CORRUPT: no other error, no endless loop, and no
 * name that leads out of a directory.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { xxh64 } from "#dist/hash/xxh64.js";
import { CoppiceError } from "#dist/model/error.js";
import { checkPackHeader, encodePackHeader } from "#dist/pack/pack-codec.js";
import { diffRoots } from "#dist/snapshot/diff.js";
import { decodeSnapshotRecord } from "#dist/snapshot/record-codec.js";
import { contentItems } from "#dist/tree/content-list.js";
import { decodeEntry, encodeEntry, recordName } from "#dist/tree/entry-codec.js";
import { decodeLinkGroup, encodeLinkGroup, linkGroupName } from "#dist/tree/links-codec.js";
import {
  decodeChild,
  decodeNode,
  decodeRoot,
  encodeChild,
  encodeNode,
} from "#dist/tree/node-codec.js";
import { linkGroups, readRoot } from "#dist/tree/root.js";
import { findRecord, treeEntries, treeRecords } from "#dist/tree/tree-reader.js";
import {
  digestOf,
  goldenBytes,
  goldenEntries,
  goldenLists,
  goldenTrees,
} from "./golden-objects.js";
import { MemoryObjects } from "./memory-objects.js";

const pack = { storeId: "00112233445566778899aabbccddeeff", name: "0123456789abcdef" };
const child = { firstName: Buffer.from("first"), entryCount: 1, totalBytes: 2 };
const digests = { digest: digestOf("child"), stateDigest: digestOf("state") };

const decoders: Record<string, { decode: (bytes: Buffer) => unknown; valid: Buffer[] }> = {
  decodeEntry: { decode: decodeEntry, valid: Object.values(goldenEntries).map(encodeEntry) },
  recordName: { decode: recordName, valid: Object.values(goldenEntries).map(encodeEntry) },
  decodeNode: {
    decode: (bytes) =>
      decodeNode(bytes).records.map((record) => [recordName(record), decodeEntry(record)]),
    valid: goldenTrees["3 entries"]!().nodes as Buffer[],
  },
  decodeChild: {
    decode: (bytes) => decodeNode(bytes).records.map(decodeChild),
    valid: [encodeNode(2, 1, [encodeChild({ ...child, ...digests })]).bytes],
  },
  decodeRoot: {
    decode: (bytes) => decodeEntry(decodeRoot(bytes).record),
    valid: [goldenBytes["root with links"]!()],
  },
  decodeLinkGroup: { decode: decodeLinkGroup, valid: [goldenBytes["hard-link group"]!()] },
  linkGroupName: { decode: linkGroupName, valid: [goldenBytes["hard-link group"]!()] },
  contentItems: {
    decode: (bytes) => [...contentItems({ readObject: () => bytes }, digestOf("any"))],
    valid: goldenLists["chunks and holes"]!().nodes as Buffer[],
  },
  decodeSnapshotRecord: {
    decode: decodeSnapshotRecord,
    valid: [goldenBytes["snapshot record"]!()],
  },
  checkPackHeader: {
    decode: (bytes) => checkPackHeader(bytes, pack),
    valid: [goldenBytes["pack header"]!()],
  },
};

describe.each(Object.entries(decoders))("%s", (_, { decode, valid }) => {
  test("takes random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
        expectCorruptOrFine(() => decode(Buffer.from(bytes))),
      ),
      {
        numRuns: 1_000,
      },
    );
  });

  test("takes valid bytes of which some were changed, cut or doubled", () => {
    fc.assert(
      fc.property(mutation(valid), (bytes) => expectCorruptOrFine(() => decode(bytes))),
      { numRuns: 2_000 },
    );
  });

  test("takes valid bytes cut off anywhere", () => {
    for (const bytes of valid) {
      for (let length = 0; length <= bytes.length; length++) {
        expectCorruptOrFine(() => decode(Buffer.from(bytes.subarray(0, length))));
      }
      expect(() => decode(Buffer.from(bytes))).not.toThrow();
    }
  });
});

/** A small snapshot of everything, to be read with one object damaged. */
function snapshotObjects() {
  const objects = new MemoryObjects();
  const put = (nodes: readonly Buffer[]) => nodes.map((bytes) => objects.put(bytes)).at(-1)!;
  const tree = put(goldenTrees["129 entries"]!().nodes);
  const links = put(goldenTrees["200 hard-link groups"]!().nodes);
  const list = put(goldenLists["5,000 chunks"]!().nodes);
  const directory = { ...goldenEntries["captured directory"]!, tree };
  const root = Buffer.concat([
    Buffer.from("0300000001000000", "hex"),
    links,
    encodeEntry(directory),
  ]);
  return { objects, list, tree, root: objects.put(root) };
}

test("reading a snapshot of which an object is damaged", () => {
  const { objects, list, tree, root } = snapshotObjects();
  const keys = [...objects.nodes.keys()];
  const damaged = fc.constantFrom(...keys).chain((key) => {
    return mutation([objects.nodes.get(key)!]).map((bytes) => ({ key, bytes }));
  });
  fc.assert(
    fc.property(damaged, ({ key, bytes }) => {
      const source = {
        readObject: (digest: Buffer) =>
          digest.toString("hex") === key ? bytes : objects.readObject(digest),
      };
      expectCorruptOrFine(() => [...treeEntries(source, tree)]);
      expectCorruptOrFine(() => [...linkGroups(source, readRoot(source, root))]);
      expectCorruptOrFine(() => [...contentItems(source, list)]);
      expectCorruptOrFine(() => findRecord(source, tree, Buffer.from("entry 77")));
      const both = {
        readObject: (digest: Buffer) => (digest.equals(other) ? bytes : source.readObject(digest)),
      };
      const other = digestOf("other");
      expectCorruptOrFine(() => diffRoots(both, root, other));
    }),
    { numRuns: 150 },
  );
});

test("levels that do not fall end the reading of a tree or list that holds itself", () => {
  const self = digestOf("self");
  const index = encodeNode(2, 64, [
    encodeChild({ ...child, digest: self, stateDigest: self }),
  ]).bytes;
  const list = Buffer.concat([Buffer.from("05400000010000000100000000000000", "hex"), self]);
  const corrupt = expect.objectContaining({ code: "CORRUPT" });
  expect(() => [...treeRecords({ readObject: () => index }, self)]).toThrow(corrupt);
  expect(() => findRecord({ readObject: () => index }, self, Buffer.from("x"))).toThrow(corrupt);
  expect(() => [...contentItems({ readObject: () => list }, self)]).toThrow(corrupt);
});

test.each(["..", ".", "a/b", "/etc/passwd", "../x", "nul\0"])("the name %j is refused", (text) => {
  const entry = { ...goldenEntries.FIFO!, name: Buffer.from(text) };
  expect(() => decodeEntry(encodeEntry(entry))).toThrow(/leads elsewhere/);
});

test.each(["..", "a/../b", "/a", "a/", "a//b", ".", "", "nul\0"])(
  "the path %j is refused in a hard-link group",
  (text) => {
    const paths = [text, "z"].map((path) => Buffer.from(path));
    expect(() => decodeLinkGroup(encodeLinkGroup(paths))).toThrow(/leads elsewhere/);
  },
);

test.each([".a", "..a", "...", "a.", "\\", " ", "\xff"])("the name %j is a name", (text) => {
  const name = Buffer.from(text, "latin1");
  const entry = { ...goldenEntries.FIFO!, name };
  expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  const paths = [name, Buffer.concat([name, Buffer.from("/"), name])];
  expect(decodeLinkGroup(encodeLinkGroup(paths))).toEqual(paths);
});

test("a whole pack header of a newer format says so, a damaged one does not", () => {
  const header = encodePackHeader(pack, 0);
  header.writeUInt32LE(2, 8);
  expect(() => checkPackHeader(header, pack)).toThrow(expect.objectContaining({ code: "CORRUPT" }));
  header.writeBigUInt64LE(xxh64(header.subarray(0, 56)), 56);
  expect(() => checkPackHeader(header, pack)).toThrow(
    expect.objectContaining({ code: "STORE_TOO_NEW" }),
  );
});

/** One of several byte strings with a few bytes changed to values that matter, cut, or with a part doubled. */
function mutation(valid: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    kind: fc.constantFrom("set", "set", "set", "cut", "double", "number"),
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    value: fc.oneof(
      fc.constantFrom(0, 1, 0x2e, 0x2f, 0x7f, 0x80, 0xff),
      fc.integer({ min: 0, max: 255 }),
    ),
  });
  return fc
    .tuple(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => changes.reduce(mutate, Buffer.from(bytes)));
}

function mutate(
  bytes: Buffer,
  { kind, place, value }: { kind: string; place: number; value: number },
): Buffer {
  const at = Math.floor(place * bytes.length);
  if (kind === "cut") return bytes.subarray(0, at);
  if (kind === "double") return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at >> 1)]);
  const changed = Buffer.from(bytes);
  if (kind === "number" && at + 4 <= bytes.length) changed.writeUInt32LE(2 ** 32 - value - 1, at);
  else if (bytes.length > 0) changed[at] = value;
  return changed;
}

function expectCorruptOrFine(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
  }
}
