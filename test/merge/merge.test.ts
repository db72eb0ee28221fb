/** What becomes of names, contents and attributes, and which of them are in conflict. */
import { describe, expect, test } from "vitest";
import { contents, refused, threeStates, told } from "./three-states.js";

test("what each side changed alone is there, and the merge comes from both", async () => {
  const { store, merge, base, ours, theirs } = await threeStates(
    "mkdir d e; echo 1 >a; echo 1 >d/b; echo 1 >d/c; ln -s a l",
    "echo ours >a; rm d/c; mkdir n; echo n >n/n",
    "chmod 600 d/b; echo theirs >d/b; ln -snf d l; rmdir e",
  );
  const { snapshot, report } = await merge({ name: "merged", labels: { of: "two" } });
  expect(await contents(snapshot)).toEqual([
    "a: ours\n",
    "d/",
    "d/b: theirs\n",
    "l -> d",
    "n/",
    "n/n: n\n",
  ]);
  expect((await snapshot.stat("d/b")).mode).toBe(0o600);
  expect(snapshot).toMatchObject({ name: "merged", labels: { of: "two" }, source: ours.source });
  expect([snapshot.parent, snapshot.parents]).toEqual([ours.id, [ours.id, theirs.id]]);
  expect((await snapshot.lineage()).map(({ id }) => id)).toEqual([theirs.id, ours.id, base.id]);
  expect((await store.get("merged")).parents).toEqual([ours.id, theirs.id]);
  expect(report).toMatchObject({ conflicts: [], resolved: [], byLines: [], isFastForward: false });
  expect(report.base.id).toBe(base.id);
  expect(report.changes.map(({ change, path }) => `${change} ${path}`)).toEqual([
    "modified ",
    "modified d/b",
    "removed e",
    "modified l",
  ]);
});

test("content, mode and extended attributes of one file come from different sides", async () => {
  const { merge } = await threeStates("echo 1 >f; chmod 644 f", "chmod 755 f", "echo 2 >f");
  const { snapshot } = await merge();
  expect(await contents(snapshot)).toEqual(["f: 2\n"]);
  expect((await snapshot.stat("f")).mode).toBe(0o755);
});

test("times are in nobody's way, and the later one counts", async () => {
  const { merge, ours, theirs } = await threeStates(
    "mkdir d; echo 1 >f; touch -d @1 f d",
    "touch -d @5 f d",
    "touch -d @9 f; touch -d @3 d; chmod 600 f",
  );
  for (const sides of [
    { ours, theirs },
    { ours: theirs, theirs: ours },
  ]) {
    const { snapshot } = await merge(sides);
    expect((await snapshot.stat("f")).mtimeNs).toBe(9_000_000_000n);
    expect((await snapshot.stat("d")).mtimeNs).toBe(5_000_000_000n);
  }
});

describe("a conflict", () => {
  test.each([
    [
      "content of a binary file",
      "printf 'a\\0' >f",
      "printf 'b\\0' >f",
      "printf 'c\\0' >f",
      "content f",
    ],
    [
      "content that is no UTF-8",
      "printf 'a\\n' >f",
      "printf 'b\\377' >f",
      "echo c >f",
      "content f",
    ],
    ["target of a link", "ln -s a f", "ln -snf b f", "ln -snf c f", "content f"],
    ["the same line", "echo a >f", "echo b >f", "echo c >f", "content f"],
    ["removed here, changed there", "echo a >f", "rm f", "echo b >f", "deleted-in-ours f"],
    ["changed here, removed there", "echo a >f", "echo b >f", "rm f", "deleted-in-theirs f"],
    [
      "in a directory that went",
      "mkdir d; echo a >d/f",
      "rm -r d",
      "echo b >d/f",
      "deleted-in-ours d/f",
    ],
    ["another kind", "echo a >f", "rm f; mkdir f", "echo b >f", "type f"],
    [
      "link in a directory's place",
      "mkdir d; echo a >d/f",
      "rm -r d; ln -s / d",
      "echo b >d/f",
      "type d",
    ],
    ["added twice", "true", "echo a >f", "echo b >f", "added f"],
    ["added as two kinds", "true", "echo a >f", "mkdir f", "added f"],
    ["mode", "echo a >f", "chmod 600 f", "chmod 755 f", "attributes f"],
    ["mode of a directory", "mkdir d", "chmod 700 d", "chmod 711 d", "attributes d"],
    [
      "mode of what both added",
      "true",
      "echo a >f; chmod 600 f",
      "echo a >f; chmod 755 f",
      "attributes f",
    ],
  ])("%s", async (_, base, our, their, conflict) => {
    const { store, merge, conflicts, ours, theirs } = await threeStates(base, our, their);
    expect(await conflicts()).toEqual([conflict]);
    const before = await store.stats();
    const error = await refused(merge());
    expect(error).toMatchObject({ code: "CONFLICT" });
    expect(told(error.conflicts)).toEqual([conflict]);
    expect(await store.stats()).toEqual(before);
    // Each side can be had whole: nothing else was changed.
    const [mine, other] = [await merge({ strategy: "ours" }), await merge({ strategy: "theirs" })];
    expect(await contents(mine.snapshot)).toEqual(await contents(ours));
    expect(await contents(other.snapshot)).toEqual(await contents(theirs));
    expect(mine.report.resolved).toMatchObject([{ resolution: "ours", by: "strategy" }]);
    expect((await merge({ onConflict: () => "base" })).snapshot.stateDigest).toBe(
      (await store.get("base")).stateDigest,
    );
  });

  test("on the mode of a directory that both made keeps what is in it", async () => {
    const { merge, conflicts } = await threeStates(
      "true",
      "mkdir -m 700 d; echo 1 >d/a",
      "mkdir -m 711 d; echo 2 >d/b",
    );
    expect(await conflicts()).toEqual(["attributes d"]);
    for (const [strategy, mode] of [
      ["ours", 0o700],
      ["theirs", 0o711],
    ] as const) {
      const { snapshot } = await merge({ strategy });
      expect((await snapshot.stat("d")).mode).toBe(mode);
      expect(await contents(snapshot)).toEqual(["d/", "d/a: 1\n", "d/b: 2\n"]);
    }
  });

  test("on both the lines and the mode is one of the mode once the lines are merged", async () => {
    const { merge, conflicts } = await threeStates(
      "seq 9 >f",
      "sed -i s/1/one/ f; chmod 600 f",
      "sed -i s/9/nine/ f; chmod 755 f",
    );
    expect(await conflicts()).toEqual(["attributes f"]);
    const { snapshot, report } = await merge({ strategy: "theirs" });
    expect(await contents(snapshot)).toEqual(["f: one\n2\n3\n4\n5\n6\n7\n8\nnine\n"]);
    expect((await snapshot.stat("f")).mode).toBe(0o755);
    expect(report.byLines).toEqual([{ path: "f" }]);
  });
});

describe("onConflict", () => {
  test("decides before the strategy, and reads what each side has", async () => {
    const { merge } = await threeStates(
      "echo a >f; echo a >g; echo a >h",
      "echo b >f; echo b >g; rm h",
      "echo c >f; echo c >g; echo c >h",
    );
    const seen: string[] = [];
    const { snapshot, report } = await merge({
      strategy: "theirs",
      onConflict: async (conflict) => {
        const texts = await Promise.all(
          (["base", "ours", "theirs"] as const).map((side) => conflict.read(side)),
        );
        seen.push(`${conflict.path} ${texts.map(String)}`);
        return conflict.path === "f"
          ? { content: Buffer.concat(texts.map((each) => each!)) }
          : undefined;
      },
    });
    expect(seen).toEqual(["f a\n,b\n,c\n", "g a\n,b\n,c\n", "h a\n,undefined,c\n"]);
    expect(await contents(snapshot)).toEqual(["f: a\nb\nc\n", "g: c\n", "h: c\n"]);
    expect(report.resolved).toMatchObject([
      { path: "f", resolution: "content", by: "onConflict" },
      { path: "g", resolution: "theirs", by: "strategy" },
      { path: "h", kind: "deleted-in-ours", resolution: "theirs", by: "strategy" },
    ]);
  });

  test("cannot give bytes for what is no file, nor anything that is no answer", async () => {
    const { store, merge } = await threeStates("ln -s a l", "ln -snf b l", "ln -snf c l");
    const given = { onConflict: () => ({ content: Buffer.from("x") }) };
    await expect(merge(given)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", path: "l" });
    await expect(merge({ onConflict: () => "mine" as "ours" })).rejects.toThrow(TypeError);
    const thrown = new Error("no idea");
    await expect(merge({ onConflict: () => Promise.reject(thrown) })).rejects.toBe(thrown);
    expect(await store.snapshots()).toHaveLength(3);
  });

  test("large content is stored as a capture would store it", async () => {
    const { store, directory, merge } = await threeStates("echo a >f", "echo b >f", "echo c >f");
    const content = Buffer.from(
      Array.from({ length: 300_000 }, (_, index) => (index * index) % 251),
    );
    const { snapshot } = await merge({ onConflict: () => ({ content }) });
    expect((await snapshot.readFile("f")).equals(content)).toBe(true);
    await store.restore(snapshot, directory);
    expect((await store.snapshot(directory)).snapshot.digest).toBe(snapshot.digest);
  });
});

test("a union has the lines of both, the changed version of what one removed, and else ours", async () => {
  const { merge } = await threeStates(
    "echo a >both; echo a >gone; echo a >went; ln -s a link",
    "echo b >both; rm gone; echo b >went; ln -snf b link; printf one >new",
    "echo c >both; echo c >gone; rm went; ln -snf c link; printf two >new",
  );
  const { snapshot, report } = await merge({ strategy: "union" });
  expect(await contents(snapshot)).toEqual([
    "both: b\nc\n",
    "gone: c\n",
    "link -> b",
    "new: one\ntwo",
    "went: b\n",
  ]);
  expect(report.resolved.map(({ path, resolution }) => `${path} ${resolution}`)).toEqual([
    "both union",
    "gone theirs",
    "link ours",
    "new union",
    "went ours",
  ]);
});
