/** What one side renamed, beside what the other one did to it. */
import { describe, expect, test } from "vitest";
import { contents, threeStates } from "./three-states.js";

/** By side: what one did, then what the other one did; the result is the same whichever is ours. */
const followed = {
  "a file that was edited": [
    "mkdir d; seq 3 >f",
    "mv f d/g",
    "echo 4 >>f; chmod 600 f",
    ["d/", "d/g: 1\n2\n3\n4\n"],
  ],
  "a file into a directory that was made for it": [
    "seq 3 >f",
    "mkdir -p x/y; mv f x/y/g",
    "echo 4 >f",
    ["x/", "x/y/", "x/y/g: 4\n"],
  ],
  "a directory in which files were edited, added and removed": [
    "mkdir -p d/s; echo 1 >d/a; echo 2 >d/b; echo 3 >d/s/c",
    "mv d e",
    "echo A >d/a; rm d/b; echo N >d/s/n",
    ["e/", "e/a: A\n", "e/s/", "e/s/c: 3\n", "e/s/n: N\n"],
  ],
  "a file that the other one renamed alike and edited": [
    "echo 1 >f; echo 2 >k",
    "mv f g",
    "mv f g; echo more >>g",
    ["g: 1\nmore\n", "k: 2\n"],
  ],
  "a directory, in which another one was renamed": [
    "mkdir -p d/x; echo 1 >d/x/f; echo 2 >d/k",
    "mv d e",
    "mv d/x d/y; echo 3 >d/k",
    ["e/", "e/k: 3\n", "e/y/", "e/y/f: 1\n"],
  ],
} as const;

describe("is followed:", () => {
  for (const [name, [base, renaming, changing, result]] of Object.entries(followed)) {
    test(name, async () => {
      const { merge, ours, theirs } = await threeStates(base, renaming, changing);
      const { snapshot, report } = await merge();
      expect(await contents(snapshot)).toEqual(result);
      expect(report.renames).not.toEqual([]);
      const swapped = await merge({ ours: theirs, theirs: ours });
      expect(swapped.snapshot.digest).toBe(snapshot.digest);
    });
  }
});

describe("is a conflict:", () => {
  test("of a file that the other one removed", async () => {
    const { merge, conflicts } = await threeStates("echo 1 >f", "mv f g", "rm f");
    expect(await conflicts()).toEqual(["rename f"]);
    expect(await contents((await merge({ strategy: "ours" })).snapshot)).toEqual(["g: 1\n"]);
    expect(await contents((await merge({ strategy: "theirs" })).snapshot)).toEqual([]);
    expect(await contents((await merge({ strategy: "union" })).snapshot)).toEqual(["g: 1\n"]);
    expect(await contents((await merge({ onConflict: () => "base" })).snapshot)).toEqual([
      "f: 1\n",
    ]);
  });

  test("of a file that the other one renamed to something else", async () => {
    const { merge, conflicts } = await threeStates("echo 1 >f", "mv f g", "mv f h");
    expect(await conflicts()).toEqual(["rename f"]);
    expect(await contents((await merge({ strategy: "ours" })).snapshot)).toEqual(["g: 1\n"]);
    expect(await contents((await merge({ strategy: "theirs" })).snapshot)).toEqual(["h: 1\n"]);
    const { snapshot, report } = await merge({ strategy: "union" });
    expect(await contents(snapshot)).toEqual(["g: 1\n", "h: 1\n"]);
    expect(report.resolved).toMatchObject([{ path: "f", kind: "rename", resolution: "union" }]);
  });

  test("of a file that was moved out of a directory which the other one removed", async () => {
    const { conflicts } = await threeStates(
      "mkdir d; echo 1 >d/f; echo 2 >d/g",
      "mv d/f kept",
      "rm -r d",
    );
    expect(await conflicts()).toEqual(["rename d/f"]);
  });

  test("where the new name is taken on the other side", async () => {
    const { conflicts } = await threeStates("echo 1 >f", "mv f g", "echo 2 >f; echo 3 >g");
    expect(await conflicts()).toEqual(["deleted-in-ours f", "added g"]);
  });
});
