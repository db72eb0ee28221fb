/**
 * Whichever operation fails: the capture throws what happened and registers nothing, or returns a snapshot
 * that is whole. The store stays usable, at once and when it is opened again.
 */
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SnapshotRow } from "#dist/catalog/snapshot-table.js";
import { collect } from "#dist/maintain/collect/collect.js";
import { CoppiceError } from "#dist/model/error.js";
import { restore } from "#dist/restore/restore.js";
import { capture } from "#dist/snapshot/capture.js";
import type { Engine } from "#dist/snapshot/engine.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { removeTree } from "../support/scratch.js";
import type { DiskOperation } from "./faulty-disk.js";
import { Crash, FaultyDisk, systemError } from "./faulty-disk.js";
import { memoryScratchDirectory } from "./memory-scratch.js";
import { makeSmallTree, smallTreeEdits } from "./small-tree.js";
import { verifyStore } from "./verify-store.js";
import type { CatalogCall } from "./watch-engine.js";
import { watchEngine } from "./watch-engine.js";

/** The error of an operation, or nothing for those that go on. */
type Fault = (operation: DiskOperation) => Error | undefined;

const faults: Record<string, { fault: (at: number) => Fault; code: string }> = {
  EIO: { fault: (at) => once(at, "EIO"), code: "IO" },
  ENOSPC: { fault: (at) => once(at, "ENOSPC"), code: "DISK_FULL" },
  "EIO from there on": { fault: (at) => fromThereOn(at, "EIO"), code: "IO" },
  "a full disk from there on": {
    fault: (at) => {
      const full = fromThereOn(at, "ENOSPC");
      // A full disk can still be read, synced, cut and cleared.
      return (each) =>
        ["write", "replace", "open"].includes(each.name) && each.isChange ? full(each) : undefined;
    },
    code: "DISK_FULL",
  },
};

describe.each([
  { what: "the first capture", before: 0 },
  { what: "a later capture", before: 2 },
])("$what", ({ before }) => {
  test.each(Object.entries(faults))("with %s at each operation", async (_, { fault, code }) => {
    const { base, source } = await preparedStore(before);
    smallTreeEdits[2]?.(source);
    let failed = 0;
    let count = 0;
    for (let at = 1, isOver = false; !isOver; at++) {
      const trial = await startTrial(base);
      const { engine, disk } = trial;
      const known = idsOf(engine);
      disk.operations = 0;
      const failing = fault(at);
      disk.onOperation = (operation) => {
        const error = failing(operation);
        if (error !== undefined) throw error;
      };
      const outcome = await attempt(engine, source);
      isOver = disk.operations < at;
      disk.onOperation = undefined;
      if (outcome instanceof Error) {
        failed++;
        expect(outcome, `operation ${at}`).toBeInstanceOf(CoppiceError);
        expect(outcome, `operation ${at}`).toMatchObject({ code });
      }
      const expected = outcome instanceof Error ? known : [outcome.id, ...known];
      expect(idsOf(engine), `operation ${at}`).toEqual(expected);
      await expectUsable(engine, source, join(trial.directory, "again"));
      closeEngine(engine);
      await verifyStore(trial.store, [], trial.directory, source);
      await removeTree(trial.directory);
      count++;
    }
    console.log(`${count} operations failed in turn, ${failed} captures threw`);
    expect(failed).toBeGreaterThanOrEqual(4);
    expect(failed).toBeLessThan(count);
  });
});

test.each([["acquirePack"], ["commit"], ["commit", "releasePacks"]] satisfies CatalogCall[][])(
  "with a failing %s, and what follows from it, before it is done and after",
  async (...failing: CatalogCall[]) => {
    const { base, source } = await preparedStore(1);
    smallTreeEdits[2]?.(source);
    for (const failingMoment of ["before", "after"]) {
      const { engine, store, directory } = await startTrial(base);
      const known = idsOf(engine);
      const failed: CatalogCall[] = [];
      const watched = watchEngine(engine, (moment, call) => {
        if (!failing.includes(call) || failed.includes(call) || moment !== failingMoment) return;
        failed.push(call);
        throw systemError("EIO", "fdatasync");
      });
      const outcome = await attempt(watched, source);
      expect(outcome).toBeInstanceOf(Error);
      expect(failed).toEqual(failing);
      // An error of the commit itself says nothing of whether it was done: the next one to look will see.
      if (!(failing[0] === "commit" && failingMoment === "after"))
        expect(idsOf(engine)).toEqual(known);
      await expectUsable(engine, source, join(directory, "again"));
      closeEngine(engine);
      await verifyStore(store, [], directory, source);
    }
  },
);

test("a restore in place is done although its stat cache cannot be written", async () => {
  const { base, source } = await preparedStore(2);
  const { engine, disk } = await startTrial(base);
  const [, first] = [...engine.catalog.snapshots.all()];
  let refused = 0;
  disk.onOperation = ({ name }) => {
    if (name !== "replace") return;
    refused++;
    throw systemError("ENOSPC", "write");
  };
  await restore(engine, first!, source, { workers: 0 });
  const { row } = await capture(engine, source, { workers: 0 });
  expect(row.digest).toEqual(first!.digest);
  expect(refused).toBeGreaterThanOrEqual(1);
  closeEngine(engine);
});

test("when the process would be dead from an operation on, unwinding harms nothing", async () => {
  const { base, source } = await preparedStore(1);
  smallTreeEdits[2]?.(source);
  for (let at = 1, isOver = false; !isOver; at++) {
    const { engine, store, disk, directory } = await startTrial(base);
    disk.operations = 0;
    disk.onOperation = ({ number }) => {
      if (number >= at) throw new Crash();
    };
    const outcome = await attempt(engine, source);
    isOver = disk.operations < at;
    disk.onOperation = undefined;
    closeEngine(engine);
    const acknowledged = outcome instanceof Error ? [] : [outcome];
    await verifyStore(store, acknowledged, directory, source);
    await removeTree(directory);
  }
});

test.each(Object.keys(faults))("opening a store with %s at each operation", async (name) => {
  const { base, source } = await preparedStore(1);
  const directory = memoryScratchDirectory();
  for (const [what, make] of Object.entries({ new: false, existing: true })) {
    for (let at = 1, isOver = false; !isOver; at++) {
      const scratch = join(directory, `${what} ${at}`);
      const store = join(scratch, "store");
      mkdirSync(scratch);
      if (make) cpSync(base, store, { recursive: true });
      let operations = 0;
      const failing = faults[name]!.fault(at);
      const open = () =>
        openEngine(store, true, (root) => {
          const disk = new FaultyDisk(root);
          disk.onOperation = (operation) => {
            operations = operation.number;
            const error = failing(operation);
            if (error !== undefined) throw error;
          };
          return disk;
        });
      try {
        closeEngine(open());
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(EIO|ENOSPC|IO|DISK_FULL)$/) });
      }
      isOver = operations < at;
      await verifyStore(store, [], scratch, source);
      await removeTree(scratch);
    }
  }
});

test.each(Object.entries(faults))(
  "a collection with %s at each operation",
  async (name, { fault, code }) => {
    const { base, source } = await preparedStore(3);
    let failed = 0;
    for (let at = 1, isOver = false; !isOver; at++) {
      const { engine, disk, store, directory } = await startTrial(base);
      const [newest, ...others] = [...engine.catalog.snapshots.all()];
      for (const { id } of others) engine.catalog.snapshots.remove(id, true);
      disk.operations = 0;
      const failing = fault(at);
      disk.onOperation = (operation) => {
        const error = failing(operation);
        if (error !== undefined) throw error;
      };
      try {
        await collect(engine, {});
      } catch (error) {
        failed++;
        expect(error, `operation ${at}`).toBeInstanceOf(CoppiceError);
        expect(error, `operation ${at}`).toMatchObject({ code });
      }
      isOver = disk.operations < at;
      disk.onOperation = undefined;
      await collect(engine, {});
      const again = await collect(engine, {});
      expect(again, `operation ${at}`).toMatchObject({ chunksRemoved: 0, packsWaiting: 0 });
      await expectUsable(engine, source, join(directory, "again"));
      closeEngine(engine);
      await verifyStore(store, [newest!], directory, source);
      await removeTree(directory);
    }
    // It needs no space of its own.
    if (name.startsWith("a full disk")) expect(failed).toBe(0);
    else expect(failed).toBeGreaterThanOrEqual(4);
  },
);

function once(at: number, code: "EIO" | "ENOSPC"): Fault {
  return ({ number, name }) => (number === at ? systemError(code, name) : undefined);
}

function fromThereOn(at: number, code: "EIO" | "ENOSPC"): Fault {
  return ({ number, name }) => (number >= at ? systemError(code, name) : undefined);
}

/** Makes a closed store with some snapshots of a directory. */
async function preparedStore(snapshots: number) {
  const scratch = memoryScratchDirectory();
  const [base, source] = [join(scratch, "base"), join(scratch, "source")];
  mkdirSync(source);
  makeSmallTree(source);
  const engine = openEngine(base, true);
  for (let number = 0; number < snapshots; number++) {
    await capture(engine, source, { workers: 0, durability: "relaxed" });
    smallTreeEdits[number]?.(source);
  }
  closeEngine(engine);
  return { base, source };
}

let trials = 0;

async function startTrial(base: string) {
  const directory = join(base, "..", `trial ${trials++}`);
  const store = join(directory, "store");
  cpSync(base, store, { recursive: true });
  let disk: FaultyDisk | undefined;
  const engine = openEngine(store, false, (root) => (disk = new FaultyDisk(root)));
  return { directory, store, engine, disk: disk! };
}

async function attempt(engine: Engine, source: string): Promise<SnapshotRow | Error> {
  try {
    return (await capture(engine, source, { workers: 0 })).row;
  } catch (error) {
    return error as Error;
  }
}

function idsOf({ catalog }: Engine): string[] {
  return [...catalog.snapshots.all()].map((row) => row.id);
}

async function expectUsable(engine: Engine, source: string, target: string): Promise<void> {
  const { row } = await capture(engine, source, { workers: 0 });
  await restore(engine, row, target, { workers: 0 });
  const again = await capture(engine, target, { workers: 0 });
  expect(again.row.digest.equals(row.digest)).toBe(true);
}
