/**
 * What tar programs packed comes back as they themselves would unpack it, or as it was where they cannot.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { makeUglyTree } from "../support/ugly-tree.js";
import type { CapabilityName } from "../tooling/capability.js";
import { testIf } from "../tooling/test-if.js";
import { emptyStore } from "./empty-store.js";

const BOTH = ["--xattrs", "--xattrs-include=*"];

/** How a program packs the directory that it is in, and unpacks into it; what it says of what it cannot do is no failure. */
const PACKERS: readonly {
  readonly name: string;
  readonly needs?: CapabilityName;
  readonly pack: readonly string[];
  /** Directories that it cannot take, or does not bring back itself. */
  readonly omits?: readonly string[];
  readonly unpack: readonly string[];
}[] = [
  ...["v7", "ustar"].map((format) => ({
    name: `GNU tar, ${format}`,
    pack: ["tar", `--format=${format}`, "-cf", "../archive.tar", "."],
    // 1.2 GB of zeros.
    omits: ["sparse"],
    unpack: ["tar", "-xpf", "../archive.tar"],
  })),
  ...["gnu", "oldgnu"].map((format) => ({
    name: `GNU tar, ${format}`,
    pack: ["tar", `--format=${format}`, "--sparse", "-cf", "../archive.tar", "."],
    unpack: ["tar", "-xpf", "../archive.tar"],
  })),
  ...["0.0", "0.1", "1.0"].map((version) => ({
    name: `GNU tar, pax, sparse ${version}`,
    pack: [
      "tar",
      "--format=pax",
      "--sparse",
      `--sparse-version=${version}`,
      ...BOTH,
      "-cf",
      "../archive.tar",
      ".",
    ],
    unpack: ["tar", ...BOTH, "-xpf", "../archive.tar"],
  })),
  {
    name: "bsdtar, pax",
    needs: "bsdtar",
    // It writes times before 1970 as a sum of which both parts have the other sign, and unpacks attributes with odd names twice.
    omits: ["times", "attributes"],
    pack: ["bsdtar", "--format=pax", "--no-acls", "-cf", "../archive.tar", "."],
    unpack: ["bsdtar", "--no-acls", "-xpf", "../archive.tar"],
  },
];

for (const { name, needs, omits = [], pack, unpack } of PACKERS) {
  testIf(
    ["root", "tools", "byte-names", ...(needs === undefined ? [] : [needs])],
    `import() takes in what was packed by ${name}, as that unpacks it`,
    async () => {
      const scratch = scratchDirectory();
      const [source, unpacked, restored] = ["source", "unpacked", "restored"].map((each) =>
        join(scratch, each),
      ) as [string, string, string];
      await makeUglyTree(source, { pathBytes: 900 });
      for (const each of omits) rmSync(join(source, each), { recursive: true });
      mkdirSync(unpacked);
      await run(pack[0] as string, pack.slice(1), { cwd: source, allowFailure: true });
      await run(unpack[0] as string, unpack.slice(1), { cwd: unpacked, allowFailure: true });
      const store = await emptyStore();
      const { snapshot, report } = await store.import(join(scratch, "archive.tar"), {
        links: "any",
        devices: "keep",
      });
      await store.restore(snapshot, restored);
      expect(report.compression).toBe("none");
      // The time of the root itself is one that bsdtar does not set.
      const without = needs === "bsdtar" ? (["root"] as const) : [];
      expect(await compareTrees(unpacked, restored, { without })).toEqual([]);
      if (without.length > 0) return;
      const captured = await store.snapshot(unpacked);
      expect(snapshot.digest).toBe(captured.snapshot.digest);
    },
  );
}
