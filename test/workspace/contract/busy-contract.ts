/** Workspaces that programs are at work in. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { lines, listTree } from "../../engine/listing.js";
import type { Ground } from "../ground.js";
import { expectCaptured, inDirectory, leftovers } from "../workspace-fixture.js";

const small = "mkdir a; echo 1 >a/1; echo 2 >2; head -c 100000 /dev/urandom >large";

export function busyContract(ground: Ground): void {
  const { driver } = ground.place;

  ground.test("one that a program works in is refused, naming it", async () => {
    const { fork } = await ground.captured(small);
    const workspace = await fork();
    const dir = workspace.path;
    const base = workspace.head;
    const program = spawn("sleep", ["1000"], { cwd: dir });
    onTestFinished(() => void program.kill("SIGKILL"));
    await once(program, "spawn");
    writeFileSync(join(dir, "new"), "kept");
    for (const action of [
      () => workspace.rollback(),
      () => workspace.restore(base),
      () => workspace.discard(),
    ])
      await expect(action()).rejects.toMatchObject({
        code: "WORKSPACE_BUSY",
        message: expect.stringContaining(`sleep (pid ${program.pid})`),
      });
    expect(readFileSync(join(dir, "new"), "utf8")).toBe("kept");
    // A snapshot needs nobody to stop.
    expect((await workspace.snapshot()).isUnchanged).toBe(false);
    program.kill("SIGKILL");
    await once(program, "exit");
    await workspace.discard();
  });

  ground.test(
    "one that a program works in is taken away by force, and the program keeps what it has",
    async () => {
      const fixture = await ground.captured(small);
      const { store, fork } = fixture;
      const workspace = await fork();
      const program = spawn("sh", ["-c", "exec 3<2; read go; cat <&3"], { cwd: workspace.path });
      onTestFinished(() => void program.kill("SIGKILL"));
      await once(program, "spawn");
      while (!isHeld(program.pid!, workspace.path)) await new Promise(setImmediate);
      await workspace.discard({ force: true });
      expect(existsSync(workspace.path)).toBe(false);
      expect(await store.workspaces()).toEqual([]);
      const output = once(program.stdout!, "data");
      program.stdin!.end("go\n");
      expect(String(await output)).toBe("2\n");
      await once(program, "close");
      await store.close();
      expect(leftovers(fixture)).toEqual([]);
    },
  );

  ground.test("snapshots are taken while programs write, and each of them is whole", async () => {
    const { store, scratch, fork } = await ground.captured("mkdir log tree; seq 1 5000 >log/lines");
    const workspace = await fork();
    // Appends lines, replaces files by rename, and moves a directory that is never empty.
    const script = `
      for ((i = 0; ; i++)); do
        echo "line $i" >>log/lines; echo "$i $i" >tree/new; mv tree/new tree/pair
        mkdir -p "tree/d$((i % 5))"; echo $i >"tree/d$((i % 5))/in"; [[ ! -d tree/moved ]] || rm -r tree/moved
        mv "tree/d$((i % 5))" tree/moved; [[ ! -e stop ]] || exit 0
      done`;
    const program = spawn("bash", ["-euc", script], { cwd: workspace.path, stdio: "ignore" });
    onTestFinished(() => void program.kill("SIGKILL"));
    const seen = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const { snapshot } = await workspace.snapshot({ durability: "relaxed" });
      seen.add(snapshot.digest);
      const told = (await snapshot.readFile("log/lines")).toString().split("\n");
      // Whatever line was the last, those before it are there and whole.
      expect(told.slice(0, 5000).join("\n")).toBe(
        Array.from({ length: 5000 }, (_, n) => n + 1).join("\n"),
      );
      expect(told.slice(5000, -2)).toEqual(told.slice(5000, -2).map((_, n) => `line ${n}`));
      const dir = join(scratch, "looked-at");
      const child = await store.fork(snapshot, { dir, driver });
      for (const name of readdirSync(join(dir, "tree")).filter((each) => each === "pair")) {
        const [first, second] = readFileSync(join(dir, "tree", name), "utf8")
          .trim()
          .split(" ");
        expect(first).toBe(second);
      }
      await child.discard();
      await wait(5);
    }
    writeFileSync(join(workspace.path, "stop"), "");
    await once(program, "exit");
    expect(program.exitCode).toBe(0);
    expect(seen.size).toBeGreaterThan(1);
    await expectCaptured(store, workspace);
    const child = await workspace.fork({ dir: join(scratch, "at-rest"), driver });
    expect(lines(listTree(child.path))).toEqual(lines(listTree(workspace.path)));
  });
}

/** Whether a process has a file of a directory open. */
function isHeld(pid: number, directory: string): boolean {
  return inDirectory("/proc", `ls -l ${pid}/fd`).includes(`3 -> ${directory}/2`);
}
