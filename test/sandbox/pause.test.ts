/** Paused means paused: whatever was started, by whomever, until somebody resumes it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Sandbox } from "#dist/index.js";
import { startScript } from "../support/script.js";
import { testIf } from "../tooling/test-if.js";
import {
  emptyStore,
  freezers,
  kindsOf,
  openedAgain,
  processesOf,
  textOf,
  writtenBy,
} from "./sandbox-fixture.js";

const hold = new URL("children/hold-sandbox.mjs", import.meta.url);

/** Counts in two files, one after the other, as fast as it can, in a shell that starts no programs. */
const lockstep = "i=0; while :; do i=$((i+1)); echo $i >a; echo $i >b; done";

/** Programs that start one another: each ends, and leaves two others, until a hundred are there. */
const brood = `echo begun >begun; go() {
  echo x >>born; [ $1 -eq 0 ] || { (setsid sh -c "$script" sh $(($1-1)) &) ; (go $(($1-1)) &) ; }
  while :; do echo x >>alive; done; }; go $1`;

for (const [freezer, needs] of freezers)
  describe(`by ${freezer}`, () => {
    testIf(
      needs,
      "a snapshot of a paused sandbox is what stands there until it is resumed",
      async () => {
        const { store, create } = await emptyStore();
        const sandbox = await create({ freezer });
        expect(sandbox.freezer.kind).toBe(freezer);
        const running = await sandbox.exec.command(lockstep, { background: true });
        await writtenBy(sandbox, "b");
        for (let round = 0; round < 5; round++) {
          await sandbox.pause();
          expect(sandbox.state).toBe("paused");
          const before = [await textOf(sandbox, "a"), await textOf(sandbox, "b")];
          const { id } = await sandbox.snapshot();
          const snapshot = await store.get(id);
          const captured = [await snapshot.readFile("a"), await snapshot.readFile("b")].map(String);
          expect(captured).toEqual(before);
          expect([await textOf(sandbox, "a"), await textOf(sandbox, "b")]).toEqual(before);
          // It was stopped within one round of its loop, which empties a file before it writes it.
          const [a, b] = captured.map(Number) as [number, number];
          expect(a === 0 || [a, a - 1, 0].includes(b), `${a} and ${b}`).toBe(true);
          await sandbox.resume();
          const last = await textOf(sandbox, "b");
          while ((await textOf(sandbox, "b")) === last) await new Promise(setImmediate);
        }
        await running.kill("SIGKILL");
        expect((await running.wait()).signal).toBe("SIGKILL");
      },
    );

    testIf(
      needs,
      "programs that start others meanwhile are all stopped, and all ended",
      async () => {
        const { create } = await emptyStore();
        const sandbox = await create({ freezer });
        await sandbox.files.write("/brood.sh", brood);
        const running = await sandbox.exec.command(
          'export script="$(cat brood.sh)"; sh -c "$script" sh 5',
          {
            background: true,
          },
        );
        await writtenBy(sandbox, "alive");
        await sandbox.pause();
        const files = ["born", "alive"].map((name) => join(sandbox.path, name));
        const sizes = () => files.map((file) => readFileSync(file).length);
        const before = sizes();
        const stopped = processesOf(sandbox.id);
        expect(stopped.length).toBeGreaterThan(1);
        await sandbox.snapshot();
        expect([sizes(), processesOf(sandbox.id)]).toEqual([before, stopped]);
        await sandbox.resume();
        while (sizes()[1] === before[1]) await new Promise(setImmediate);
        await sandbox.delete();
        expect(processesOf(sandbox.id)).toEqual([]);
        await running.wait();
      },
    );

    testIf(needs, "no command begins in a sandbox that is paused", async () => {
      const { storeDirectory, create } = await emptyStore();
      const sandbox = await create({ name: "one", freezer });
      await sandbox.pause();
      const store = await openedAgain(storeDirectory);
      const same = await Sandbox.get(store, "one");
      for (const each of [sandbox, same])
        await expect(each.exec.command("echo >file")).rejects.toMatchObject({
          code: "SANDBOX_PAUSED",
        });
      await same.pause();
      await same.files.write("written", "while it is paused");
      await same.resume();
      expect((await sandbox.exec.command("cat written; ls")).stdout).toBe(
        "while it is pausedwritten\n",
      );
      expect(await kindsOf(sandbox.events())).toEqual([
        ...["created", "paused", "paused", "file-written", "resumed", "command", "command-ended"],
      ]);
    });

    testIf(
      needs,
      "what is paused stays so when its process is killed, and another one resumes it",
      async () => {
        const { storeDirectory, store } = await emptyStore();
        const options = { name: "held", freezer };
        const line = "echo begun >begun; i=0; while :; do i=$((i+1)); echo $i >count; done";
        const holder = startScript(hold, [storeDirectory, JSON.stringify(options), line, "1"]);
        const id = (await holder.line())!;
        await holder.kill();
        const sandbox = await Sandbox.get(store, "held");
        expect([sandbox.id, sandbox.state]).toEqual([id, "paused"]);
        const before = await textOf(sandbox, "count");
        await sandbox.snapshot();
        expect(await textOf(sandbox, "count")).toBe(before);
        expect(processesOf(id)).toHaveLength(1);
        await sandbox.resume();
        while ((await textOf(sandbox, "count")) === before) await new Promise(setImmediate);
        await sandbox.pause();
        await sandbox.delete();
        expect(processesOf(id)).toEqual([]);
      },
    );

    testIf(needs, "what runs in a sandbox whose process was killed is ended with it", async () => {
      const { storeDirectory, store } = await emptyStore();
      const options = { name: "held", freezer };
      const line = "echo begun >begun; (setsid sleep 1000 &); exec sleep 1000";
      const holder = startScript(hold, [storeDirectory, JSON.stringify(options), line, "0"]);
      const id = (await holder.line())!;
      await holder.kill();
      expect(processesOf(id)).toHaveLength(2);
      await Sandbox.delete(store, "held");
      expect(processesOf(id)).toEqual([]);
    });
  });

testIf([], "a process id that was given again is never signalled", async () => {
  const { store, create } = await emptyStore();
  const other = await create({ freezer: "signals" });
  const running = await other.exec.command("echo >begun; exec sleep 1000", { background: true });
  const sandbox = await create({ freezer: "signals" });
  const { database } = store.ledger;
  const noted = database.prepare("SELECT pid, started, boot FROM sandbox_process").get() as object;
  const { pid, started, boot } = noted as { pid: number; started: string; boot: string };
  const note = database.prepare("INSERT INTO sandbox_process VALUES (?, ?, ?, ?)");
  note.run(sandbox.id, pid, `${Number(started) - 1}`, boot);
  note.run(sandbox.id, pid, started, "another boot");
  await sandbox.pause();
  expect(readFileSync(`/proc/${pid}/stat`, "latin1")).not.toMatch(/\) T /);
  await sandbox.delete();
  expect(processesOf(other.id)).toEqual([String(running.pid)]);
});

testIf(
  [],
  "a sandbox that was paused before the machine was started anew runs, without processes",
  async () => {
    const { store, create } = await emptyStore();
    const sandbox = await create();
    await sandbox.pause();
    store.ledger.database.prepare("UPDATE sandbox SET boot = 'another boot'").run();
    expect(sandbox.state).toBe("running");
    expect((await sandbox.exec.command("echo on")).stdout).toBe("on\n");
  },
);
