/** Packs of which something cannot be read for a while: it is told, nothing is lost, and once they can be read all is there. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collect } from "#dist/maintain/collect/collect.js";
import { repair } from "#dist/maintain/repair/repair.js";
import { verify } from "#dist/maintain/verify/verify.js";
import { CoppiceError } from "#dist/model/error.js";
import { capture } from "#dist/snapshot/capture.js";
import { closeEngine, type Engine, openEngine } from "#dist/snapshot/engine.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { removeTree } from "../support/scratch.js";
import { FaultyDisk, systemError } from "./faulty-disk.js";
import { memoryScratchDirectory } from "./memory-scratch.js";
import { makeSmallTree, smallTreeEdits } from "./small-tree.js";

/** Which reads of packs fail: one of them, or all from one on. */
const spans = [1, Number.POSITIVE_INFINITY];
/** Where all fail from one on, each fifth is the first of them: they differ little. */
const STEP_MAX = 5;

test.each(spans)(
  "verify() tells what cannot be read and goes on, whichever reads fail (%s)",
  async (span) => {
    let told = 0;
    await eachRead(span, async (engine, fail) => {
      const report = await fail(() => verify(engine, { deep: true }));
      for (const { problem } of report.damaged.first) expect(problem).toBe("unreadable");
      if (!report.ok) told++;
      expect(await verify(engine, { deep: true })).toMatchObject({ ok: true, affected: [] });
      expect(engine.catalog.checks.degraded()).toEqual([]);
    });
    expect(told).toBeGreaterThan(5);
  },
);

test.each(spans)(
  "repair() and a collection after it lose nothing, whichever reads fail (%s)",
  async (span) => {
    let failed = 0;
    await eachRead(span, async (engine, fail) => {
      const before = described(engine);
      const outcome = await fail(() => repair(engine, {})).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        failed++;
        expect(outcome).toBeInstanceOf(CoppiceError);
        expect(outcome).toMatchObject({ code: expect.stringMatching(/^(IO|CORRUPT)$/) });
      }
      // What was forgotten since it could not be read is dead now, as far as the catalog goes.
      await collect(engine, {});
      await repair(engine, {});
      expect(described(engine)).toEqual(before);
      expect(await verify(engine, { deep: true })).toMatchObject({ ok: true, affected: [] });
    });
    console.log(`${failed} repairs threw`);
  },
);

test.each(spans)(
  "gc() ends with a code or does its work, whichever reads fail (%s)",
  async (span) => {
    let failed = 0;
    await eachRead(span, async (engine, fail) => {
      const [, second] = [...engine.catalog.snapshots.all()];
      engine.catalog.snapshots.remove(second!.id, true);
      const before = described(engine);
      const outcome = await fail(() => collect(engine, {})).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        failed++;
        expect(outcome).toMatchObject({ name: "CoppiceError", code: "IO" });
      }
      await collect(engine, {});
      expect(await collect(engine, {})).toMatchObject({ chunksRemoved: 0 });
      expect(described(engine)).toEqual(before);
      expect(await verify(engine, { deep: true })).toMatchObject({ ok: true, affected: [] });
    });
    expect(failed).toBeGreaterThan(0);
  },
);

/** Does something on a new copy of a store for each read of a pack that it does, until none is left to fail. */
async function eachRead(
  span: number,
  body: (engine: Engine, fail: <T>(action: () => Promise<T>) => Promise<T>) => Promise<void>,
): Promise<void> {
  const scratch = memoryScratchDirectory();
  const [base, source] = [join(scratch, "base"), join(scratch, "source")];
  mkdirSync(source);
  makeSmallTree(source);
  const making = openEngine(base, true);
  for (const edit of smallTreeEdits.slice(0, 3)) {
    await capture(making, source, { workers: 0 });
    edit(source);
  }
  // Packs have more than one owner: this one has another.
  making.catalog.acquirePack();
  writeFileSync(join(source, "other"), seededBytes("other", 50_000));
  await capture(making, source, { workers: 0 });
  closeEngine(making);
  let count = 0;
  for (let at = 0, isOver = false; !isOver; at += Math.min(span, STEP_MAX)) {
    const store = join(scratch, String(at));
    cpSync(base, store, { recursive: true });
    let disk: FaultyDisk | undefined;
    const engine = openEngine(store, false, (root) => (disk = new FaultyDisk(root)));
    let reads = 0;
    const fail = async <T>(action: () => Promise<T>): Promise<T> => {
      disk!.onOperation = ({ name, path }) => {
        if (name !== "read" || !path.startsWith("packs/")) return;
        const number = reads++;
        if (number >= at && number < at + span) throw systemError("EIO", "read");
      };
      try {
        return await action();
      } finally {
        disk!.onOperation = undefined;
      }
    };
    try {
      await body(engine, fail);
    } catch (error) {
      throw new Error(`With read ${at} failing: ${String(error)}`, { cause: error });
    }
    isOver = reads <= at;
    closeEngine(engine);
    await removeTree(store);
    count++;
  }
  console.log(`${count} reads failed in turn`);
}

function described({ catalog }: Engine) {
  return [...catalog.snapshots.all()].map(({ id, digest, parent, name }) => ({
    ...{ id, parent, name },
    digest: digest.toString("hex"),
  }));
}
