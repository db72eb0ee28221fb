/**
 * Archives so large that a thread makes their chunks: what comes of them, and that it ends with the import.
 */
import { getActiveResourcesInfo } from "node:process";
import { expect, test } from "vitest";
import type { Progress } from "#dist/index.js";
import { emptyStore, refusal } from "./empty-store.js";
import type { TarEntry } from "./tar-blocks.js";
import { file, hard, link, pax, sparse, tarOf } from "./tar-blocks.js";

const MIB = 1024 * 1024;

/** Bytes that are the same nowhere and each time. */
function noise(bytes: number, seed: number): Buffer {
  const words = new Uint32Array(bytes / 4);
  let word = seed;
  for (let index = 0; index < words.length; index++) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = word ^ (word >>> 15);
  }
  return Buffer.from(words.buffer);
}

/** As much as it takes for a thread to be started behind it. */
const large: TarEntry = { name: "large", body: noise(20 * MIB, 1) };
const cut = noise(3 * MIB, 2);
const others: readonly TarEntry[] = [
  ...Array.from({ length: 3000 }, (_, index) => file(`small/${index}`, `file ${index % 2000}`)),
  file("empty", ""),
  { name: "whole", body: noise(60_000, 3) },
  { name: "cut", body: cut },
  { name: "again", body: cut },
  hard("small/name", "cut"),
  link("link", "cut"),
  ...sparse(
    { "GNU.sparse.realsize": "5000000" },
    Buffer.concat([Buffer.from("1\n2500000\n3\n".padEnd(512, "\0")), Buffer.from("abc")]),
  ),
  pax({ "GNU.sparse.major": "0", "GNU.sparse.realsize": "4000000", "GNU.sparse.map": "" }),
  file("hole", ""),
];

/** Threads have a port each; so may whoever runs the tests. */
const ports = () => getActiveResourcesInfo().filter((name) => name === "MessagePort").length;

test("import() makes the same of files whether or not a thread makes their chunks", async () => {
  const inThread = await emptyStore();
  const { snapshot, report } = await inThread.import(tarOf(large, ...others));
  const { snapshot: same, report: sameReport } = await (await emptyStore()).import(
    tarOf(...others, large),
  );
  expect(snapshot.digest).toBe(same.digest);
  expect(report.bytesNew).toBe(sameReport.bytesNew);
  expect(cut.equals(await snapshot.readFile("small/name"))).toBe(true);
  expect((await snapshot.readFile("small/1999")).toString()).toBe("file 1999");
  expect((await snapshot.readFile("hole")).length).toBe(4_000_000);
  expect(await inThread.verify()).toMatchObject({ ok: true });
});

test("import() takes for known what a thread stored before", async () => {
  const store = await emptyStore();
  await store.import(tarOf(large, ...others));
  expect((await store.import(tarOf(large, ...others, file("more")))).report.bytesNew).toBeLessThan(
    MIB,
  );
});

test("unpack() stands on what a thread stored", async () => {
  const store = await emptyStore();
  const { overlay } = await store.unpack(tarOf(large, ...others));
  expect(cut.equals(await overlay.readFile("/again"))).toBe(true);
  await overlay.discard();
});

test("import() that is refused leaves no thread and no snapshot", async () => {
  const store = await emptyStore();
  const before = ports();
  const archive = tarOf(large, ...others, file("../outside"));
  expect(await refusal(store, archive)).toMatchObject({ code: "ARCHIVE_UNSAFE" });
  expect(await refusal(store, tarOf(large, ...others).subarray(0, -MIB))).toMatchObject({
    code: "ARCHIVE_DAMAGED",
  });
  expect(ports()).toBe(before);
  expect((await store.import(tarOf(file("a")))).report.entries).toBe(1);
});

test("import() that is aborted leaves no thread and no snapshot", async () => {
  const store = await emptyStore();
  const before = ports();
  const abort = new AbortController();
  const onProgress = ({ phase }: Progress) => {
    if (phase === "unpack" && ports() > before) abort.abort();
  };
  const error = await refusal(store, tarOf(large, ...others), { signal: abort.signal, onProgress });
  expect(error).toMatchObject({ code: "ABORTED" });
  expect(ports()).toBe(before);
});
