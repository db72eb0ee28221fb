/**
 * Invocation: one run of one command, with what every command needs: the store, output, signals.
 */
import type { Command } from "commander";
import type { Store } from "../index.js";
import { Output } from "./output/output.js";
import { showProgress } from "./output/show-progress.js";
import type { ProgressDisplay } from "./output/show-progress.js";
import { abortOnSignals } from "./signals.js";
import { UsageError } from "./usage-error.js";

/** Options that all commands have. */
interface GlobalOptions {
  readonly store?: string;
  readonly json?: boolean;
}

export class Invocation {
  readonly output: Output;
  /** The store's directory as `--store` or `COPPICE_STORE` gives it. */
  readonly storeDirectory: string | undefined;
  readonly #closers: (() => Promise<void> | void)[] = [];

  constructor({ store, json }: GlobalOptions) {
    this.output = new Output(json === true, process.stdout, process.stderr);
    this.storeDirectory = store === "" ? undefined : store;
  }

  /** Opens the store, which is closed with the invocation. The library is loaded here, not before. */
  async openStore(options: { readonly create: boolean; readonly directory?: string } = { create: false }): Promise<Store> {
    const directory = options.directory ?? this.requireStoreDirectory();
    const { Store } = await import("../index.js");
    const store = await Store.open(directory, { create: options.create });
    this.#closers.push(() => store.close());
    return store;
  }

  /** @throws {UsageError} when none is given */
  requireStoreDirectory(): string {
    if (this.storeDirectory === undefined) {
      throw new UsageError("Cannot tell which store to use: give --store <directory> or set COPPICE_STORE");
    }
    return this.storeDirectory;
  }

  /** Starts to heed signals and, on a terminal, to show progress; both end with the invocation. */
  async startLongOperation(): Promise<Pick<ProgressDisplay, "onProgress" | "expectEntries"> & { readonly signal: AbortSignal }> {
    const display = await showProgress(this.output.progressStream);
    this.#closers.push(() => display.stop());
    const signal = abortOnSignals(() => {
      display.stop();
      this.output.remark("stopping; once more to end at once");
    });
    return { signal, onProgress: display.onProgress, expectEntries: display.expectEntries };
  }

  /** Ends what was started, the newest first, and writes what is pending. */
  async close(): Promise<void> {
    for (const closer of this.#closers.splice(0).reverse()) await closer();
    await this.output.flush();
  }
}

/**
 * Returns a command's action. Arguments come as commander gives them: the command's arguments, then
 * its options.
 *
 * @param body may return an exit code
 */
export function action<A extends unknown[]>(body: (invocation: Invocation, ...args: A) => Promise<number | undefined>) {
  return async (...args: unknown[]): Promise<void> => {
    const command = args.at(-1) as Command;
    const invocation = new Invocation(command.optsWithGlobals<GlobalOptions>());
    try {
      process.exitCode = await body(invocation, ...(args as A));
    } finally {
      await invocation.close();
    }
  };
}
