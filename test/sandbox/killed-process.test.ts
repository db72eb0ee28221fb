/** `kill -9` before any step of what is done with sandboxes: the next process finds each thing done, or not begun. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { Sandbox, Store } from "#dist/index.js";
import { runScript } from "../support/script.js";
import { testIf } from "../tooling/test-if.js";
import { emptyStore, processesOf, textOf, writtenBy } from "./sandbox-fixture.js";

const act = new URL("children/act.mjs", import.meta.url);

/** More steps than this are not all tried: those that are, are spread over the action. STEPS=1000 tries all. */
const TRIED_MAX = Number(process.env.STEPS ?? 3);

/** What may be found after an action. */
interface Killed {
  /** Whether the sandbox is paused before. */
  readonly isPaused?: boolean;
  /** Fails unless the action was done as a whole or not at all. */
  expectWhole(store: Store, sandbox: string): Promise<void>;
}

const COUNT = "i=0; while :; do i=$((i+1)); echo $i >count; done";

const cases: Readonly<Record<string, Killed>> = {
  create: { expectWhole: (store) => expectTwoOrNothing(store, "") },
  restore: { expectWhole: (store) => expectTwoOrNothing(store, "content") },
  snapshot: {
    async expectWhole(store) {
      const listed = (await Sandbox.listSnapshots(store)).items.map(({ name, status }) => [
        name,
        status,
      ]);
      const there = (await store.snapshots({ name: "new" })).length === 1;
      expect(listed).toEqual([["taken", "ready"], ...(there ? [["new", "ready"]] : [])]);
      if (!there) await (await Sandbox.get(store, "one")).snapshot({ name: "new" });
    },
  },
  pause: { expectWhole: expectStateKept },
  resume: { isPaused: true, expectWhole: expectStateKept },
  delete: {
    async expectWhole(store, id) {
      const { items } = await Sandbox.list(store);
      if (items.length === 1) return expectStateKept(store, id);
      expect(processesOf(id)).toEqual([]);
      expect(await store.workspaces()).toEqual([]);
      await Sandbox.create(store, { name: "one" });
    },
  },
  deleteSnapshot: {
    async expectWhole(store) {
      const { items } = await Sandbox.listSnapshots(store);
      if (items.length === 0) expect(await store.snapshots({ name: "taken" })).toHaveLength(0);
      else expect(items).toMatchObject([{ name: "taken", status: "ready" }]);
    },
  },
  command: {
    async expectWhole(store) {
      const sandbox = await Sandbox.get(store, "one");
      const file = join(sandbox.path, "ran");
      if (existsSync(file)) expect(["", "ran\n"]).toContain(readFileSync(file, "utf8"));
      await sandbox.exec.command("true");
    },
  },
};

// What freezers have nothing to do with is tried with one of them.
for (const [action, killed] of Object.entries(cases))
  for (const freezer of killed.expectWhole === expectStateKept
    ? (["cgroup", "signals"] as const)
    : (["signals"] as const))
    testIf(
      freezer === "cgroup" ? ["cgroup"] : [],
      `${action} that is killed at any step is done or was not begun, by ${freezer}`,
      async () => {
        const total = await tryOnce(action, killed, freezer, 0);
        expect(total).toBeGreaterThan(1);
        const stride = Math.max(1, Math.ceil(total / TRIED_MAX));
        for (let step = 1; step <= total; step += stride)
          await tryOnce(action, killed, freezer, step);
      },
    );

/** Does it and has it killed at a step; returns how many steps there were where it was not. */
async function tryOnce(
  action: string,
  { isPaused = false, expectWhole }: Killed,
  freezer: "cgroup" | "signals",
  step: number,
): Promise<number> {
  const { storeDirectory, create } = await emptyStore();
  const sandbox = await create({ name: "one", freezer });
  await sandbox.files.write("file", "content");
  await sandbox.snapshot({ name: "taken" });
  // As long as a sandbox stands on it, a snapshot does not go.
  if (action === "deleteSnapshot") await sandbox.delete();
  else if (action !== "command") {
    await sandbox.exec.command(COUNT, { background: true });
    await writtenBy(sandbox, "count");
  }
  if (isPaused) await sandbox.pause();
  const { exitCode, signal, stdout, stderr } = await runScript(act, [
    storeDirectory,
    action,
    freezer,
    String(step),
  ]);
  expect([step, exitCode, signal, stderr]).toEqual(
    step === 0 ? [0, 0, undefined, ""] : [step, undefined, "SIGKILL", ""],
  );
  const next = await Store.open(storeDirectory, { create: false });
  try {
    // Whoever comes next and writes ends or takes back what was begun.
    const other = await Sandbox.create(next, { name: "other" });
    await other.delete();
    expect(countOf(next, "change IS NOT NULL")).toBe(0);
    await expectWhole(next, sandbox.id).catch((error: unknown) => {
      throw new Error(`Killed at step ${step} of ${action}`, { cause: error });
    });
  } finally {
    await next.close();
  }
  return Number(stdout);
}

async function expectTwoOrNothing(store: Store, content: string): Promise<void> {
  const workspaces = (await store.workspaces()).length;
  const { items } = await Sandbox.list(store);
  expect(workspaces).toBe(items.length);
  const isThere = items.some(({ name }) => name === "two");
  const base = content === "" ? undefined : { snapshot: "taken" };
  const two = isThere
    ? await Sandbox.get(store, "two")
    : await Sandbox.create(store, { name: "two", ...(base && { base }) });
  if (content !== "") expect(await textOf(two, "file")).toBe(content);
  expect((await two.exec.command("echo on")).stdout).toBe("on\n");
}

/** Fails unless the processes do what the state says, and can be made to do the other. */
async function expectStateKept(store: Store, _id: string): Promise<void> {
  const sandbox = await Sandbox.get(store, "one");
  const before = await textOf(sandbox, "count");
  if (sandbox.state === "running")
    while ((await textOf(sandbox, "count")) === before) await new Promise(setImmediate);
  await sandbox.pause();
  const stopped = await textOf(sandbox, "count");
  await sandbox.snapshot();
  expect(await textOf(sandbox, "count")).toBe(stopped);
  await sandbox.resume();
  while ((await textOf(sandbox, "count")) === stopped) await new Promise(setImmediate);
}

function countOf({ ledger }: Store, where: string): number {
  return ["sandbox", "sandbox_snapshot"]
    .map(
      (table) =>
        ledger.database
          .prepare(`SELECT count(*) FROM ${table} WHERE ${where}`)
          .pluck()
          .get() as number,
    )
    .reduce((sum, count) => sum + count);
}
