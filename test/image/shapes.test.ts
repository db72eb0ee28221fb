/** Trees of unusual shape as images, mounted. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { bash, capture, captured, imageOf, mounted } from "./image-fixture.js";

const needs = ["root", "mount", "koffi", "erofs", "tools"] as const;

testIf(needs, "a directory of 20,000 names is listed and searched", async () => {
  const fixture = await captured(
    bash(
      "for i in {1..20000}; do echo name-that-is-a-little-longer-$i; done | xargs touch; ln -s x -- '!'; ln -s y -- '~'",
    ),
  );
  await imageOf(fixture, "wide.erofs", { data: "packs" });
  const view = mounted(fixture, "wide.erofs");
  expect(readdirSync(view).sort()).toEqual(readdirSync(fixture.source).sort());
  expect(statSync(join(view, "name-that-is-a-little-longer-19999")).isFile()).toBe(true);
});

testIf(needs, "a sparse file of 6 GiB is mapped, with bytes beyond 4 GiB", async () => {
  const fixture = await captured(
    bash(
      "truncate -s 6G sparse; for at in 0 1000003 5000000000; do head -c 90000 /dev/urandom | dd of=sparse bs=64K seek=$at oflag=seek_bytes conv=notrunc status=none; done",
    ),
  );
  for (const data of ["packs", "image"] as const) {
    const { sizeBytes } = await imageOf(fixture, `${data}.erofs`, { data });
    // Neither 8 bytes for each of 1.6 million blocks, nor blocks of zeros.
    expect(sizeBytes).toBeLessThan(2_000_000);
    const view = mounted(fixture, `${data}.erofs`);
    expect(statSync(join(view, "sparse")).size).toBe(6 * 2 ** 30);
    for (const at of [0, 999_000, 1_080_000, 4_999_990_000, 5_000_080_000]) {
      const [expected, found] = [fixture.source, view].map((directory) => {
        const bytes = Buffer.alloc(20_000);
        const descriptor = openSync(join(directory, "sparse"), "r");
        readSync(descriptor, bytes, 0, bytes.length, at);
        closeSync(descriptor);
        return bytes;
      });
      expect([at, found!.equals(expected!)]).toEqual([at, true]);
    }
  }
});

testIf(
  needs,
  "content that was captured at other offsets is copied where it is not in phase",
  async () => {
    const fixture = await captured(
      bash("head -c 200000 /dev/urandom >../noise; head -c 200000 ../noise >a"),
    );
    await run(
      "bash",
      ["-euc", "(echo ten bytes; cat ../noise) >b; (cat a; cat ../noise) >c; rm a"],
      {
        cwd: fixture.source,
      },
    );
    await capture(fixture.scratch, fixture.source, "second");
    await imageOf(fixture, "second.erofs", { data: "packs" }, undefined, "second");
    const view = mounted(fixture, "second.erofs");
    expect(await compareTrees(fixture.source, view)).toEqual([]);
  },
);

testIf(
  [...needs, "tools"],
  "memory maps show zeros behind the end of a file, not what follows it in the pack",
  async () => {
    const fixture = await captured(
      bash(
        "for i in {1..40}; do head -c $((4096 + i * 211)) /dev/urandom >$i; echo small $i >s$i; done",
      ),
    );
    await imageOf(fixture, "mapped.erofs", { data: "packs" });
    const view = mounted(fixture, "mapped.erofs");
    const script = `
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
for name in os.listdir("."):
    size = os.path.getsize(name)
    length = -(-size // 4096) * 4096
    address = libc.mmap(None, length, 1, 2, os.open(name, os.O_RDONLY), 0)
    behind = ctypes.string_at(address + size, length - size)
    if behind.strip(b"\\0"): print(name)
`;
    expect((await run("python3", ["-c", script], { cwd: view })).stdout).toBe("");
    expect(readFileSync(join(view, "7")).equals(readFileSync(join(fixture.source, "7")))).toBe(
      true,
    );
  },
);
