/**
 * Sandbox: a workspace with a name, programs that run in it, and snapshots of it that can be gone on from. Thin: it forwards to
 * functions, which are loaded when they are needed.
 */

import type { Page, PageQuery } from "../ledger/page.js";
import { pageOf } from "../ledger/page.js";
import type { SandboxGetOptions, SandboxOptions, SandboxRestoreOptions } from "./create-sandbox.js";
import { SandboxFiles } from "./files/sandbox-files.js";
import type { FreezerReport } from "./processes/freezer.js";
import type {
  BackgroundCommand,
  BackgroundOptions,
  CommandOptions,
  CommandResult,
  SandboxExec,
  SandboxProcess,
} from "./run/command-options.js";
import type { CommandLine } from "./run/run-command.js";
import type { SandboxConfig } from "./sandbox-config.js";
import type { SandboxEvent, SandboxEventQuery } from "./sandbox-events.js";
import type { SandboxInfo } from "./sandbox-info.js";
import { sandboxInfo, stateOf } from "./sandbox-info.js";
import type { SandboxParts } from "./sandbox-parts.js";
import { livingRow } from "./sandbox-parts.js";
import type { SandboxState } from "./sandbox-row.js";
import { findRow, livingRows } from "./sandbox-row.js";
import type { SandboxSnapshot } from "./sandbox-snapshots.js";
import type { SandboxStore } from "./store-calls.js";

/**
 * A directory of files with a name, in which programs run, that can be paused, captured, and made again from any of its
 * snapshots. It survives the process that made it, and several processes may use it at once.
 *
 * @example
 * const sandbox = await Sandbox.create(store, { name: "attempt", base: "before" });
 * await sandbox.exec.command("make test");
 * const { id } = await sandbox.snapshot({ name: "tested" });
 * await sandbox.delete();
 * const again = await Sandbox.fromSnapshot(store, id, { name: "attempt" });
 */
export class Sandbox {
  /** Names it in its store, for ever. */
  readonly id: string;
  /** The name that it was given; no other one has it while it lives. */
  readonly name: string | undefined;
  /** The directory of its files on this machine, absolute. */
  readonly path: string;
  /** When it was made. */
  readonly createdAt: Date;
  /** What an agent in it runs with: captured with each snapshot. Secrets are in it as references alone. */
  readonly config: SandboxConfig;
  /** What stops its processes, and why nothing better. */
  readonly freezer: FreezerReport;
  /** Id of the snapshot that it began as. */
  readonly base: string;
  /** Id of the snapshot that it was restored from; `undefined` where it was made in another way. */
  readonly restoredFrom: string | undefined;
  /** Its files. */
  readonly files: SandboxFiles;
  /** Runs lines of the shell in it. */
  readonly exec: SandboxExec;
  /** Runs programs in it. */
  readonly process: SandboxProcess;
  readonly #parts: SandboxParts;
  /** Changes of files that are under way: a snapshot waits for them. */
  readonly #changing = new Set<Promise<unknown>>();

  /** @internal */
  constructor(parts: SandboxParts, info: SandboxInfo) {
    this.#parts = parts;
    this.id = info.id;
    this.name = info.name;
    this.path = parts.workspace.path;
    this.createdAt = info.createdAt;
    this.config = info.config;
    this.freezer = info.freezer;
    this.base = info.base;
    this.restoredFrom = info.restoredFrom;
    this.files = new SandboxFiles(() => this.#fileWork());
    const run = (line: CommandLine, options: CommandOptions) => this.#run(line, options);
    this.exec = {
      command: (text: string, options = {}) => run(shellLine(text), options),
    } as SandboxExec;
    this.process = {
      exec: (program: string, args: readonly string[] = [], options = {}) =>
        run({ program, args, shown: { program, args } }, options),
    } as SandboxProcess;
  }

  /**
   * Makes a sandbox. Where that fails, or the process dies, nothing is left of it.
   *
   * @throws {CoppiceError} NAME_TAKEN; NOT_FOUND, AMBIGUOUS of the base; UNSUPPORTED where isolation, driver or freezer cannot
   * be had; those of `Store.fork`
   * @throws {TypeError} where an option means nothing
   */
  static async create(store: SandboxStore, options: SandboxOptions = {}): Promise<Sandbox> {
    const { createSandbox } = await import("./create-sandbox.js");
    return sandboxOf(await createSandbox(store, options));
  }

  /**
   * Returns the sandbox of an id or a name, whoever made it.
   *
   * @throws {CoppiceError} NOT_FOUND; WORKSPACE_DIRTY where the machine stopped while it was in use: say with `ifDirty` what
   * becomes of it
   */
  static async get(
    store: SandboxStore,
    key: string,
    options: SandboxGetOptions = {},
  ): Promise<Sandbox> {
    const { getSandbox } = await import("./create-sandbox.js");
    return sandboxOf(await getSandbox(store, key, options));
  }

  /** Returns a page of the sandboxes that live, oldest first. */
  static async list(store: SandboxStore, query: PageQuery = {}): Promise<Page<SandboxInfo>> {
    const { database, transaction } = store.ledger;
    const page = transaction.read(() =>
      pageOf(
        "sandboxes",
        query,
        ({ createdMs, id }: ReturnType<typeof livingRows>[number]) => [createdMs, id],
        (after, count) => livingRows(database, after, count),
      ),
    );
    return { ...page, items: page.items.map(sandboxInfo) };
  }

  /**
   * Makes a sandbox from a snapshot, with the files and the config that the snapshot's sandbox had; programs are not started
   * again. Any snapshot of the store will do.
   *
   * @param reference its id or name
   * @throws {CoppiceError} as `create`
   */
  static fromSnapshot(
    store: SandboxStore,
    reference: string,
    options?: SandboxRestoreOptions & { readonly count?: undefined },
  ): Promise<Sandbox>;
  /**
   * Makes several at once. Each one's name and directory, where these are given, end in `-1`, `-2`, ...
   *
   * @param options `count`: how many, 0 to 100,000
   * @returns what became of each, as `Promise.allSettled` gives it
   */
  static fromSnapshot(
    store: SandboxStore,
    reference: string,
    options: SandboxRestoreOptions & { readonly count: number },
  ): Promise<PromiseSettledResult<Sandbox>[]>;
  static async fromSnapshot(
    store: SandboxStore,
    reference: string,
    { count, ...options }: SandboxRestoreOptions & { readonly count?: number | undefined } = {},
  ): Promise<Sandbox | PromiseSettledResult<Sandbox>[]> {
    const { restoreSandbox, restoreSeveral } = await import("./create-sandbox.js");
    if (count === undefined) return sandboxOf(await restoreSandbox(store, reference, options));
    const made = await restoreSeveral(store, reference, count, options);
    return Promise.allSettled(
      made.map((each) =>
        each.status === "fulfilled" ? sandboxOf(each.value) : Promise.reject(each.reason),
      ),
    );
  }

  /** Returns a page of the snapshots of all sandboxes, oldest first, also of those that were deleted. */
  static async listSnapshots(
    store: SandboxStore,
    query: PageQuery = {},
  ): Promise<Page<SandboxSnapshot>> {
    const { listSnapshots } = await import("./sandbox-snapshots.js");
    return listSnapshots(store, undefined, query);
  }

  /**
   * Deletes a snapshot of a sandbox. Sandboxes that came from it stay as they are; as long as one stands on it, its space and
   * its name are taken.
   *
   * @param reference its id or name
   * @throws {CoppiceError} NOT_FOUND; IN_USE where it is pinned
   */
  static async deleteSnapshot(store: SandboxStore, reference: string): Promise<void> {
    const { deleteSnapshot } = await import("./sandbox-snapshots.js");
    await deleteSnapshot(store, reference);
  }

  /**
   * Ends a sandbox by its id or name, without using it: also one whose files were damaged by a crash of the machine.
   *
   * @throws {CoppiceError} as `delete`; NOT_FOUND
   */
  static async delete(store: SandboxStore, key: string): Promise<void> {
    const { deleteSandbox } = await import("./pause-sandbox.js");
    await deleteSandbox(store, key);
  }

  /**
   * Yields what was done to a sandbox, oldest first, by whatever process; also of one that was deleted, by its id.
   *
   * @throws {CoppiceError} NOT_FOUND
   */
  static async *events(
    store: SandboxStore,
    key: string,
    query: SandboxEventQuery = {},
  ): AsyncGenerator<SandboxEvent> {
    const { eventsOf } = await import("./sandbox-events.js");
    yield* eventsOf(store, key, query);
  }

  /** Whether its processes run. After the machine was started anew it runs, without any. */
  get state(): SandboxState {
    return stateNow(this.#parts);
  }

  /** What the store knows of it at the moment. */
  get info(): SandboxInfo {
    const { store, id } = this.#parts;
    return sandboxInfo(livingRow(store, id));
  }

  /**
   * Captures its files and its config, while programs go on or while it is paused: then nothing is written meanwhile. Waits for
   * changes of files that were begun by this object. Costs what `Workspace.snapshot` does.
   *
   * @param options `name`: unique in the store
   * @throws {CoppiceError} NAME_TAKEN, NOT_FOUND, DISK_FULL, STORE_BUSY, IO; UNREADABLE where files change faster than they can be read
   */
  async snapshot({ name }: { readonly name?: string } = {}): Promise<SandboxSnapshot> {
    const { takeSnapshot } = await import("./sandbox-snapshots.js");
    await Promise.allSettled(this.#changing);
    return takeSnapshot(this.#parts, name);
  }

  /** Returns a page of its snapshots, oldest first. */
  async listSnapshots(query: PageQuery = {}): Promise<Page<SandboxSnapshot>> {
    const { listSnapshots } = await import("./sandbox-snapshots.js");
    return listSnapshots(this.#parts.store, this.id, query);
  }

  /** Deletes a snapshot of a sandbox; see the static one. */
  deleteSnapshot(reference: string): Promise<void> {
    return Sandbox.deleteSnapshot(this.#parts.store, reference);
  }

  /**
   * Whether it was restored from this very snapshot (`fromSnapshot`), which need not be there any more. It is not for a
   * snapshot that this one follows: those tells `Snapshot.lineage`.
   */
  isRestoredFrom(snapshotId: string): boolean {
    return this.restoredFrom === snapshotId;
  }

  /**
   * Stops all programs that were started in it, with all that these started, and returns once they are; no others begin. They
   * stay stopped when this process ends. On one that is paused it does the same again.
   *
   * @throws {CoppiceError} NOT_FOUND; STORE_BUSY where another process pauses, resumes or deletes it; IO where a program does not stop
   */
  async pause(): Promise<void> {
    const { pauseSandbox } = await import("./pause-sandbox.js");
    await pauseSandbox(this.#parts.store, this.id);
  }

  /**
   * Has all programs go on that `pause` stopped, by whatever process. On one that runs it does nothing.
   *
   * @throws {CoppiceError} as `pause`
   */
  async resume(): Promise<void> {
    const { resumeSandbox } = await import("./pause-sandbox.js");
    await resumeSandbox(this.#parts.store, this.id);
  }

  /**
   * Ends all its programs and takes its files away; its snapshots stay, and its name is free again. Doing it once more does nothing.
   *
   * @throws {CoppiceError} STORE_BUSY as `pause`; IO where a program does not end: whoever uses sandboxes next goes on with it
   */
  async delete(): Promise<void> {
    if (this.state === "deleted") return;
    await Sandbox.delete(this.#parts.store, this.id);
  }

  /** Yields what was done to it, oldest first, by whatever process. */
  events(query: SandboxEventQuery = {}): AsyncGenerator<SandboxEvent> {
    return Sandbox.events(this.#parts.store, this.id, query);
  }

  /** Returns a page of what was done to it, oldest first. */
  async listEvents(query: PageQuery = {}): Promise<Page<SandboxEvent>> {
    const { eventPage } = await import("./sandbox-events.js");
    return eventPage(this.#parts.store, this.id, query);
  }

  async #run(
    line: CommandLine,
    options: CommandOptions | BackgroundOptions,
  ): Promise<BackgroundCommand | CommandResult> {
    const { startCommand } = await import("./run/run-command.js");
    const command = await startCommand(this.#parts, line, options);
    return "background" in options && options.background ? command : command.wait();
  }

  async #fileWork() {
    const { FileWork } = await import("./files/file-work.js");
    const { filePartsOf } = await import("./files/file-parts.js");
    return new FileWork(filePartsOf(this.#parts, this.#changing));
  }
}

function sandboxOf(parts: SandboxParts): Sandbox {
  return new Sandbox(parts, sandboxInfo(livingRow(parts.store, parts.id)));
}

function shellLine(text: string): CommandLine {
  return { program: "sh", args: ["-c", text], shown: { line: text } };
}

function stateNow({ store: { ledger }, id }: SandboxParts): SandboxState {
  const row = ledger.transaction.read(() => findRow(ledger.database, id));
  return row === undefined ? "deleted" : stateOf(row);
}
