/**
 * Invocation: one run of one command, with what every command needs: the store, output, signals.
 */
import type { Command } from "commander";
import type { OnProgress, Store } from "../index.js";
import type { CommandStore } from "../store/command-store.js";
import { Output } from "./output/output.js";
import { showProgress } from "./output/show-progress.js";
import { abortOnSignals } from "./signals.js";
import { UsageError } from "./usage-error.js";

/** Options that all commands have. */
interface GlobalOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** What a long operation hands to the library. */
interface LongOperation {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress | undefined;
}

export class Invocation {
  readonly output: Output;
  /** The store's directory as `--store` or `COPPICE_STORE` gives it. */
  readonly storeDirectory: string | undefined;
  #store: Pick<CommandStore, "close"> | undefined;

  constructor({ store, json }: GlobalOptions) {
    this.output = new Output(json === true, process.stdout, process.stderr);
    this.storeDirectory = store === "" ? undefined : store;
  }

  /** Opens the store, which is closed with the invocation. The library is loaded here, not before. */
  async openStore(
    options: { readonly create: boolean; readonly directory?: string } = { create: false },
  ): Promise<CommandStore> {
    const directory = options.directory ?? this.requireStoreDirectory();
    const { CommandStore } = await import("../store/command-store.js");
    const store = await CommandStore.open(directory, { create: options.create });
    this.#store = store;
    return store;
  }

  /** Opens the store with all of its calls, for commands on what is built on snapshots. Takes half as long again as `openStore`. */
  async openWholeStore(): Promise<Store> {
    const directory = this.requireStoreDirectory();
    const { Store } = await import("../store.js");
    const store = await Store.open(directory, { create: false });
    this.#store = store;
    return store;
  }

  /** @throws {UsageError} when none is given */
  requireStoreDirectory(): string {
    if (this.storeDirectory === undefined) {
      throw new UsageError(
        "Cannot tell which store to use: give --store <directory> or set COPPICE_STORE",
      );
    }
    return this.storeDirectory;
  }

  /**
   * Runs an operation that takes its time: shows progress on a terminal and stops at signals.
   *
   * @param expectedEntries how many entries a scan will probably find
   */
  async runLong<T>(
    operation: (context: LongOperation) => Promise<T>,
    expectedEntries?: number,
  ): Promise<T> {
    const display = await showProgress(this.output.progressStream, expectedEntries);
    const signals = abortOnSignals(() => {
      display.stop();
      this.output.remark("stopping; once more to end at once");
    });
    try {
      return await operation({ signal: signals.signal, onProgress: display.onProgress });
    } finally {
      signals.stop();
      display.stop();
    }
  }

  /** Closes the store and writes what is pending. */
  async close(): Promise<void> {
    await this.#store?.close();
    await this.output.flush();
  }
}

/**
 * Returns a command's action. Arguments come as commander gives them: the command's arguments, then
 * its options.
 *
 * @param body may return an exit code
 */
export function action<A extends unknown[]>(
  body: (invocation: Invocation, ...args: A) => Promise<number | undefined>,
) {
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
