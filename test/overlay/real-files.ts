/** A real directory that calls are made on by a process whose root it is. */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import type { CapabilityName } from "../tooling/capability.js";
import type { FileCall, Outcome } from "./children/file-calls.mjs";

/** What it takes: root is who may change what the root directory is, and is refused nothing, as in an overlay. */
export const realFilesNeed: readonly CapabilityName[] = ["root", "koffi"];

export class RealFiles {
  readonly directory: string;
  readonly #child: ChildProcess;

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.#child = child;
  }

  /** Starts the process, which ends with the running test. */
  static async start(directory: string): Promise<RealFiles> {
    const child = fork(new URL("children/chrooted.mjs", import.meta.url), [directory], {
      serialization: "advanced",
      execArgv: [],
    });
    onTestFinished(() => void child.kill());
    await once(child, "message");
    return new RealFiles(directory, child);
  }

  /** Starts the process in an empty directory, and opens a store whose overlays are compared with it. */
  static async besideStore(): Promise<{ readonly real: RealFiles; readonly store: Store }> {
    const scratch = scratchDirectory();
    const directory = join(scratch, "directory");
    mkdirSync(directory);
    const store = await Store.open(join(scratch, "store"));
    onTestFinished(() => store.close());
    return { real: await RealFiles.start(directory), store };
  }

  /** Makes calls one after another. */
  async calls(calls: readonly FileCall[]): Promise<readonly Outcome[]> {
    return this.#ask(calls);
  }

  /** Removes everything, closes what is open. */
  async reset(): Promise<void> {
    await this.#ask("reset");
  }

  async #ask(message: readonly FileCall[] | "reset"): Promise<readonly Outcome[]> {
    const answer = once(this.#child, "message");
    this.#child.send(message as object);
    const [outcomes] = await answer;
    return outcomes as readonly Outcome[];
  }
}
