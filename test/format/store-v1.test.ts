/**
 * The store that was made with the first release of format version 1 stays readable for ever, and what
 * it holds is captured under the same digests for ever.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Snapshot } from "#dist/index.js";
import { Store } from "#dist/index.js";
import type { TreeListing } from "../fixtures/list-tree.mjs";
import { listTree } from "../fixtures/list-tree.mjs";
import { changeTree, makeTree } from "../fixtures/make-store-v1.mjs";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { chunksOf, readPacks } from "./reference-pack.js";
import { listSnapshot, readSnapshotRecord } from "./reference-snapshots.js";

type Expected = TreeListing &
  Pick<Snapshot, "id" | "digest" | "stateDigest" | "labels" | "entryCount" | "totalBytes"> & {
    readonly parents: readonly string[];
    readonly name: string | null;
  };

const fixture = fileURLToPath(new URL("../fixtures/store-v1", import.meta.url));
const expected = JSON.parse(readFileSync(`${fixture}.json`, "utf8")) as {
  readonly files: Readonly<Record<string, string>>;
  readonly snapshots: readonly [Expected, Expected];
};

test("nobody has touched the store of format version 1", () => {
  const names = readdirSync(fixture, { recursive: true }).map(String);
  expect(names.filter((name) => name !== "packs").sort()).toEqual(
    Object.keys(expected.files).sort(),
  );
  for (const [name, sha256] of Object.entries(expected.files)) {
    const bytes = readFileSync(join(fixture, name));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  }
});

test("the documents alone are enough to read it from its packs", () => {
  const packs = readPacks(fixture);
  const objects = chunksOf(packs);
  const rows = packs.flatMap((pack) => pack.records.flatMap((record) => record.chunks));
  const records = rows.filter((row) => row.kind === 4);
  const snapshots = records.map((row) => readSnapshotRecord(objects.get(row.digest)!));
  expect(
    snapshots.map((snapshot) => ({
      ...{ id: snapshot.id, digest: snapshot.digest, stateDigest: snapshot.stateDigest },
      ...{ parents: snapshot.parents, name: snapshot.name, labels: snapshot.labels },
      ...{ entryCount: snapshot.entryCount, totalBytes: snapshot.totalBytes },
      ...listSnapshot(objects, snapshot),
    })),
  ).toEqual(expected.snapshots);
  expect(snapshots[1]?.filter).toEqual({ exclude: ["*.tmp"], gitignore: false });
});

describe("opened", () => {
  test("it lists its snapshots, and reads every entry and every byte of them", async () => {
    await using store = await openCopy();
    const snapshots = (await store.snapshots()).toReversed();
    for (const [index, snapshot] of snapshots.entries()) {
      const { entries, links: _, name, ...record } = expected.snapshots[index]!;
      expect(snapshot).toMatchObject({
        ...record,
        name: name ?? undefined,
      });
      expect(await listThrough(snapshot)).toEqual(entries.slice(1));
    }
    expect(snapshots).toHaveLength(2);
  });

  testIf(
    ["root", "devices", "koffi", "acl", "xattr", "byte-names", "tools"],
    "it is restored",
    async () => {
      await using store = await openCopy();
      const [first, second] = expected.snapshots;
      const target = join(scratchDirectory(), "target");
      for (const { id, entries, links } of [first, second, first]) {
        const report = await store.restore(id, target);
        expect(report.limits).toEqual([]);
        expect(listTree(target)).toEqual({ entries, links });
      }
    },
  );

  testIf(
    ["root", "devices", "koffi", "acl", "xattr", "byte-names", "tools"],
    "the same tree has the same digests again",
    async () => {
      await using store = await openCopy();
      const tree = join(scratchDirectory(), "tree");
      mkdirSync(tree);
      makeTree(tree);
      await expectDigests(store, tree, expected.snapshots[0]);
      changeTree(tree);
      await expectDigests(store, tree, expected.snapshots[1]);
    },
  );
});

async function expectDigests(
  store: Store,
  tree: string,
  { digest, stateDigest }: Expected,
): Promise<void> {
  const { snapshot, report } = await store.snapshot(tree, { exclude: ["*.tmp"], workers: 0 });
  expect(snapshot).toMatchObject({ digest, stateDigest });
  // All that was new is the snapshot's own record.
  expect(report.bytesNew).toBeLessThan(1000);
}

function openCopy(): Promise<Store> {
  const copy = join(scratchDirectory(), "store");
  cpSync(fixture, copy, { recursive: true });
  return Store.open(copy, { create: false });
}

/** Lists a snapshot through the interface, as `listTree` lists a directory. */
async function listThrough(snapshot: Snapshot): Promise<unknown[]> {
  const entries: ({ path: string } & Record<string, unknown>)[] = [];
  for await (const each of snapshot.walk()) {
    const { kind, mode, uid, gid, mtimeNs, xattrs, device } = each;
    const bytes = kind === "file" ? await snapshot.readFile(each.pathBytes) : undefined;
    const target = kind === "symlink" ? await snapshot.readlink(each.pathBytes) : undefined;
    entries.push({
      path: each.pathBytes.toString("latin1"),
      ...{ kind, mode: mode.toString(8), owner: `${uid}:${gid}`, mtimeNs: String(mtimeNs) },
      ...(bytes && {
        sizeBytes: each.sizeBytes,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      }),
      ...(target && { target: target.toString("latin1") }),
      ...(device && { device: `${device.major}:${device.minor}` }),
      ...(xattrs.length > 0 && {
        xattrs: Object.fromEntries(
          xattrs.map(({ name, value }) => [name.toString("latin1"), value.toString("hex")]),
        ),
      }),
    });
  }
  return entries.sort((a, b) =>
    Buffer.compare(Buffer.from(a.path, "latin1"), Buffer.from(b.path, "latin1")),
  );
}
