/**
 * Bytes that must never change: golden.json holds for each object of golden-objects.ts its bytes in
 * hexadecimal, or where it is long their SHA-256, and its digests. What the engine makes of them, and what
 * the FORMAT documents make of them, must both be what it was.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Entry } from "#dist/model/entry.js";
import { decodeSnapshotRecord } from "#dist/snapshot/record-codec.js";
import { decodeEntry, encodeEntry, recordState } from "#dist/tree/entry-codec.js";
import { goldenBytes, goldenEntries, goldenLists, goldenTrees, rootOf } from "./golden-objects.js";
import type { ReferenceEntry } from "./reference-objects.js";
import { readEntry, readLinkGroup, readRoot } from "./reference-objects.js";
import { readSnapshotRecord } from "./reference-snapshots.js";

interface Golden {
  readonly entries: Readonly<Record<string, string>>;
  readonly trees: Readonly<
    Record<string, { digest: string; stateDigest: string; nodes: number; sha256: string }>
  >;
  readonly lists: Readonly<Record<string, { digest: string; nodes: number; sha256: string }>>;
  readonly bytes: Readonly<Record<string, string>>;
  readonly rootStateDigest: string;
}

const golden = JSON.parse(readFileSync(new URL("golden.json", import.meta.url), "utf8")) as Golden;

describe("an entry is the bytes that it was", () => {
  test.each(Object.entries(goldenEntries))("%s", (name, entry) => {
    const bytes = encodeEntry(entry);
    expect(bytes.toString("hex")).toBe(golden.entries[name]);
    expect(decodeEntry(bytes)).toEqual(entry);
    const record = {
      bytes,
      state: recordState(bytes),
      rest: bytes.subarray(8 + bytes.readUInt32LE(4)),
    };
    expect(toEntry(readEntry(record))).toEqual(entry);
  });
});

describe("a tree has the digests and nodes that it had", () => {
  test.each(Object.entries(goldenTrees))("%s", (name, make) => {
    const { digest, stateDigest, nodes } = make();
    expect({
      digest: digest.toString("hex"),
      stateDigest: stateDigest?.toString("hex"),
      nodes: nodes.length,
      sha256: sha256(Buffer.concat(nodes)),
    }).toEqual(golden.trees[name]);
  });
});

describe("a list has the digest and nodes that it had", () => {
  test.each(Object.entries(goldenLists))("%s", (name, make) => {
    const { digest, nodes } = make();
    expect({
      digest: digest.toString("hex"),
      nodes: nodes.length,
      sha256: sha256(Buffer.concat(nodes)),
    }).toEqual(golden.lists[name]);
  });
});

describe("it is the bytes that it was", () => {
  test.each(Object.entries(goldenBytes))("%s", (name, make) => {
    expect(make().toString("hex")).toBe(golden.bytes[name]);
  });
});

test("the golden bytes of roots, groups and records say what went in", () => {
  const bytes = (name: string) => Buffer.from(golden.bytes[name]!, "hex");
  const { links, record } = readRoot(bytes("root with links"));
  expect(links).toEqual(createHash("sha256").update("links").digest());
  expect(toEntry(readEntry(record))).toEqual(goldenEntries["captured directory"]);
  expect(rootOf(links).stateDigest.toString("hex")).toBe(golden.rootStateDigest);
  const group = bytes("hard-link group");
  const paths = readLinkGroup({ bytes: group, state: group.subarray(8), rest: Buffer.alloc(0) });
  expect(paths.map(String)).toEqual(["a", "b/c", "b/\u00e4"]);
  const { coppice: _, version: __, ...snapshot } = readSnapshotRecord(bytes("snapshot record"));
  const { digest, stateDigest, parent, mergeParents, ...decoded } = decodeSnapshotRecord(
    bytes("snapshot record"),
  );
  expect({
    ...decoded,
    digest: `sha256:${digest.toString("hex")}`,
    stateDigest: `sha256:${stateDigest.toString("hex")}`,
    parents: [parent, ...mergeParents],
  }).toEqual(snapshot);
});

test("every golden object has its input", () => {
  expect(Object.keys(golden.entries)).toEqual(Object.keys(goldenEntries));
  expect(Object.keys(golden.trees)).toEqual(Object.keys(goldenTrees));
  expect(Object.keys(golden.lists)).toEqual(Object.keys(goldenLists));
  expect(Object.keys(golden.bytes)).toEqual(Object.keys(goldenBytes));
});

/** Returns what the documents make of a record in the words of the model. */
function toEntry(entry: ReferenceEntry): Entry {
  const { kind, name, mode, uid, gid, mtimeNs } = entry;
  const nanoseconds = ((mtimeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const attributes = {
    ...{ name, mode, uid, gid },
    mtimeSeconds: Number((mtimeNs - nanoseconds) / 1_000_000_000n),
    mtimeNanoseconds: Number(nanoseconds),
    xattrs: entry.xattrs.map(([xattr, value]) => ({ name: xattr, value })),
  };
  switch (kind) {
    case "file": {
      const form = entry.form!;
      const content = form === "empty" ? { form } : { form, digest: entry.content! };
      return { kind, ...attributes, sizeBytes: Number(entry.sizeBytes), content };
    }
    case "directory":
      return {
        ...{ kind, ...attributes, tree: entry.tree!, stateTree: entry.stateTree! },
        ...{ entryCount: Number(entry.entryCount), totalBytes: Number(entry.totalBytes) },
      };
    case "symlink":
      return { kind, ...attributes, target: entry.target! };
    case "fifo":
      return { kind, ...attributes };
    default:
      return { kind, ...attributes, major: entry.device![0], minor: entry.device![1] };
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
