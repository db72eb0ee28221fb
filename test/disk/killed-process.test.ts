/**
 * `kill -9` at any moment, while worker threads write and another process uses the same store: every snapshot
 * that a process has told of is whole, and the store goes on.
 */

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/index.js";
import { memoryScratchDirectory } from "./memory-scratch.js";
import { makeSmallTree } from "./small-tree.js";
import type { Acknowledged } from "./verify-store.js";
import { verifyStore } from "./verify-store.js";

const script = fileURLToPath(new URL("children/capture-until-killed.mjs", import.meta.url));
const rounds = 6;

test("snapshots that were acknowledged before a kill are whole after it", async () => {
  const scratch = memoryScratchDirectory();
  const store = join(scratch, "store");
  const quiet = join(scratch, "quiet");
  mkdirSync(quiet);
  makeSmallTree(quiet);
  await (await Store.open(store)).close();
  const acknowledged: Told[] = [];
  let started = 0;
  const start = async (name: string): Promise<ChildProcess> => {
    const source = join(scratch, name);
    mkdirSync(source, { recursive: true });
    const seed = `${name} ${started++}`;
    const child = spawn(process.execPath, [script, store, source, seed], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let text = "";
    child.stdout!.on("data", (bytes: Buffer) => {
      text += String(bytes);
      // A line that was cut short was not said.
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        if (text.startsWith("{")) acknowledged.push(parse(text.slice(0, end), seed));
        text = text.slice(end + 1);
      }
    });
    await once(child.stdout!, "data");
    return child;
  };

  const other = await start("other");
  const delays: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const child = await start("killed");
    // In every second round its first capture is over: then what comes next is small.
    while (round % 2 === 1 && !acknowledged.some((each) => each.seed === seedOf(child))) {
      await Promise.race([once(child.stdout!, "data"), once(child, "close")]);
      if (child.exitCode !== null) break;
    }
    delays.push(Math.floor(Math.random() * (round % 2 === 1 ? 300 : 800)));
    await wait(delays.at(-1));
    expect(child.exitCode, `ended by itself; delays: ${delays}`).toBeNull();
    child.kill("SIGKILL");
    await once(child, "close");
    if (round === 3) {
      other.kill("SIGKILL");
      await once(other, "close");
    }
    const directory = join(scratch, `round ${round}`);
    mkdirSync(directory);
    await expect(
      verifyStore(store, [...acknowledged], directory, quiet, {
        depth: round < rounds - 1 ? "newest" : "all",
      }),
      `delays: ${delays}`,
    ).resolves.toBeUndefined();
  }
  console.log(`${rounds + 1} processes killed, ${acknowledged.length} snapshots acknowledged`);
  expect(acknowledged.some(({ workers }) => workers > 0)).toBe(true);
});

/** What a process has told of a snapshot. */
interface Told extends Acknowledged {
  readonly workers: number;
  /** The process's own. */
  readonly seed: string;
}

function parse(line: string, seed: string): Told {
  const { id, digest, workers } = JSON.parse(line) as {
    id: string;
    digest: string;
    workers: number;
  };
  return { id, digest: Buffer.from(digest.slice("sha256:".length), "hex"), workers, seed };
}

function seedOf(child: ChildProcess): string {
  return child.spawnargs.at(-1)!;
}
