/** Overlays that are forked, captured, restored and begun anew, beside a real directory to which the same is done. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished } from "vitest";
import type { Change, Overlay, Snapshot } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { callsOf, fileCall } from "./call-arbitraries.js";
import type { FileCall, Outcome } from "./children/file-calls.mjs";
import { FileCalls } from "./children/file-calls.mjs";
import { RealFiles, realFilesNeed } from "./real-files.js";

/** What is done to both. */
type Step =
  | { readonly do: "calls"; readonly calls: readonly FileCall[] }
  | { readonly do: "fork" | "snapshot" | "restart" | "rollback" }
  | { readonly do: "restore"; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("calls"), calls: callsOf(fileCall, 20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fork") }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("snapshot", "restart") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rollback") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore"), pick: fc.nat(9) }) },
) as fc.Arbitrary<Step>;

testIf(
  realFilesNeed,
  "forks, snapshots, restores and rollbacks hold what a real directory does",
  async () => {
    const scratch = scratchDirectory();
    const directory = join(scratch, "directory");
    mkdirSync(directory);
    const real = await RealFiles.start(directory);
    // Two stores: what one has must not stand in for what the other one was not given.
    const stores = {
      overlays: await Store.open(join(scratch, "overlays")),
      captures: await Store.open(join(scratch, "captures")),
    };
    onTestFinished(() => stores.overlays.close());
    onTestFinished(() => stores.captures.close());
    const steps = fc.array(step, { minLength: 3, maxLength: 12, size: "max" });
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        await real.reset();
        const pair = new Pair(real, stores);
        await pair.snapshot();
        for (const each of taken) await pair.take(each);
        await pair.end();
      }),
      { numRuns: 60 },
    );
  },
);

interface Stores {
  readonly overlays: Store;
  readonly captures: Store;
}

/** A state that both were in. */
interface Taken {
  readonly overlay: Snapshot;
  readonly real: Snapshot;
}

/** An overlay and the real directory. */
class Pair {
  readonly #real: RealFiles;
  readonly #stores: Stores;
  #overlay: Overlay;
  #calls: FileCalls;
  readonly #taken: Taken[] = [];
  #head: Taken | undefined;
  /** Overlays that were left behind by a fork, and what was in them. */
  readonly #left: { readonly overlay: Overlay; readonly held: Outcome }[] = [];

  constructor(real: RealFiles, stores: Stores) {
    this.#real = real;
    this.#stores = stores;
    this.#overlay = stores.overlays.overlay();
    this.#calls = new FileCalls(this.#overlay);
  }

  async take(step: Step): Promise<void> {
    if (step.do === "calls") await this.#both(step.calls);
    else if (step.do === "fork") await this.#goOn(this.#overlay.fork());
    else if (step.do === "snapshot") await this.snapshot();
    else if (step.do === "restart") await this.#goOn((await this.snapshot()).overlay.overlay());
    else if (step.do === "restore")
      await this.#restore(this.#taken[step.pick % this.#taken.length] as Taken);
    else await this.#restore(this.#head as Taken);
  }

  /** Captures both: what is the same but for times and owners has the same state digest. */
  async snapshot(): Promise<Taken> {
    const expected = await changesOf(this.#overlay.changes());
    const before = this.#overlay.head;
    const { snapshot } = await this.#overlay.snapshot({ durability: "relaxed" });
    if (before !== undefined) {
      const { overlays } = this.#stores;
      expect(await changesOf(overlays.diff(before.digest, snapshot.digest))).toEqual(expected);
    }
    const captured = await this.#capture();
    expect([snapshot.stateDigest, snapshot.entryCount, snapshot.totalBytes]).toEqual([
      captured.stateDigest,
      captured.entryCount,
      captured.totalBytes,
    ]);
    const taken = { overlay: snapshot, real: captured };
    this.#taken.push(taken);
    this.#head = taken;
    return taken;
  }

  /** With the same times everywhere both are one snapshot; what was left behind is as it was. */
  async end(): Promise<void> {
    await this.#both([["setTimes", 1_000_000_000]]);
    const { snapshot } = await this.#overlay.snapshot({ durability: "relaxed" });
    expect(snapshot.digest).toBe((await this.#capture()).digest);
    expect(await changesOf(this.#overlay.changes())).toEqual([]);
    for (const { overlay, held } of this.#left)
      expect(await new FileCalls(overlay).call(["everything"])).toEqual(held);
    await this.#calls.close();
  }

  /** Makes calls on both. */
  async #both(calls: readonly FileCall[]): Promise<void> {
    const all: readonly FileCall[] = [...calls, ["everything"]];
    const expected = await this.#real.calls(all);
    for (const [index, each] of all.entries())
      expect([each, await this.#calls.call(each)]).toEqual([each, expected[index]]);
  }

  async #goOn(overlay: Overlay): Promise<void> {
    await this.#close();
    this.#left.push({ overlay: this.#overlay, held: await this.#calls.call(["everything"]) });
    this.#overlay = overlay;
    this.#calls = new FileCalls(overlay);
    await this.#both([]);
  }

  async #restore(taken: Taken): Promise<void> {
    await this.#close();
    await this.#stores.captures.restore(taken.real, this.#real.directory);
    if (taken === this.#head) await this.#overlay.rollback();
    else await this.#overlay.restore(taken.overlay);
    this.#head = taken;
    await this.#both([]);
  }

  /** What is open stays with the overlay that it was opened in, and would not go along with the directory. */
  async #close(): Promise<void> {
    await this.#both([0, 1, 2].map((slot) => ["handle", slot, "close"]));
  }

  async #capture(): Promise<Snapshot> {
    const { captures } = this.#stores;
    const { snapshot } = await captures.snapshot(this.#real.directory, {
      durability: "relaxed",
      workers: 0,
    });
    return snapshot;
  }
}

async function changesOf(changes: AsyncIterable<Change>): Promise<readonly Change[]> {
  const all: Change[] = [];
  for await (const change of changes) all.push(change);
  return all;
}
