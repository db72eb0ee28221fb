/**
 * Registry: agents by name, in numbered versions with tags. Thin: it forwards to functions, those that read and write files loaded
 * when they are needed.
 */
import { Readable } from "node:stream";
import type { Page, PageQuery } from "../ledger/page.js";
import { CoppiceError } from "../model/error.js";
import type { AgentVersion, VersionReference } from "./agent-version.js";
import { versionText } from "./agent-version.js";
import { checkAgentName, checkReference, checkTag } from "./check-words.js";
import type { Launched, LaunchOptions } from "./launch.js";
import type { RegistryLimits } from "./registry-limits.js";
import { readLimits, writeLimits } from "./registry-limits.js";
import type { RegistryStore } from "./registry-store.js";
import { releaseAfterwards } from "./release-snapshots.js";
import type { UploadedVersion, UploadOptions } from "./upload-options.js";
import type { VersionRow } from "./version-table.js";
import { BUNDLE_FILE, LATEST, recordOf, VersionTable } from "./version-table.js";

/** The agents of a store. */
export class Registry {
  readonly #store: RegistryStore;

  /** @internal A registry comes from a store; see `Store.registry`. */
  constructor(store: RegistryStore) {
    this.#store = store;
  }

  /**
   * Uploads a version of an agent, counted up from the one before, and tags it `latest`. Versions count without gaps or doubles, however
   * many processes upload at once. Where the registry has limits, versions without a tag may go for it.
   *
   * @throws {CoppiceError} LIMIT_EXCEEDED; ARCHIVE_DAMAGED, ARCHIVE_UNSAFE, ARCHIVE_TOO_LARGE for a bundle (see `Store.import`); INVALID_ARGUMENT for an `auth` that leads out of the agent's files; NOT_FOUND,
   * NOT_A_DIRECTORY, UNREADABLE, DISK_FULL, STORE_BUSY, ABORTED, IO; nothing is left then
   * @example
   * const agent = await store.registry.upload({ name: "support-bot", bundle: "bot.tar.gz", entrypoint: "node main.js" });
   * console.log(agent.version, agent.digest);
   */
  async upload(options: UploadOptions): Promise<UploadedVersion> {
    const { upload } = await import("./upload.js");
    return upload(this.#store, options);
  }

  /**
   * Returns a version: the latest, or the one of a tag or a number.
   *
   * @throws {CoppiceError} NOT_FOUND, telling what is there
   */
  async get(name: string, which: Omit<VersionReference, "name"> = {}): Promise<AgentVersion> {
    return recordOf(this.#require({ ...which, name }));
  }

  /**
   * Returns the version of an id.
   *
   * @throws {CoppiceError} NOT_FOUND
   */
  async getById(id: string): Promise<AgentVersion> {
    const row = this.#versions.findById(id);
    if (row !== undefined) return recordOf(row);
    throw new CoppiceError("NOT_FOUND", `Cannot find version ${id}: there is none of that id`);
  }

  /** Returns a page of the agents, by name, each as its latest version. */
  async list(query: PageQuery = {}): Promise<Page<AgentVersion>> {
    const page = this.#versions.agents(query);
    return { ...page, items: page.items.map(recordOf) };
  }

  /**
   * Returns a page of an agent's versions, newest first. Costs the same wherever the page lies.
   *
   * @throws {CoppiceError} NOT_FOUND where there is no such agent; INVALID_ARGUMENT for a cursor of another list
   */
  async listVersions(name: string, query: PageQuery = {}): Promise<Page<AgentVersion>> {
    checkAgentName(name);
    const page = this.#versions.versions(name, query);
    if (page.items.length === 0 && query.cursor === undefined) this.#require({ name });
    return { ...page, items: page.items.map(recordOf) };
  }

  /**
   * Tags a version. Whichever had the tag before loses it.
   *
   * @returns the version as it is now
   * @throws {CoppiceError} NOT_FOUND
   * @throws {TypeError} for `latest`, which moves by itself
   */
  async tag(reference: VersionReference, tag: string): Promise<AgentVersion> {
    checkTag(tag);
    const { ledger } = this.#store;
    const versions = this.#versions;
    return ledger.transaction.run(() => {
      const { name, version } = this.#require(reference);
      versions.setTag({ name, version }, tag);
      return recordOf(this.#require({ name, version }));
    });
  }

  /**
   * Takes a tag away from whichever version of an agent has it.
   *
   * @returns whether one had it
   * @throws {TypeError} for `latest`
   */
  async untag(name: string, tag: string): Promise<boolean> {
    checkAgentName(name);
    checkTag(tag);
    return this.#store.ledger.transaction.run(() => this.#versions.removeTag(name, tag));
  }

  /**
   * Deletes a version with its tags; `latest` goes to the highest that is left. Its number is not given again. Its snapshots go with it, or,
   * where a workspace stands on one, with a later change of the registry; collection (`Store.gc`) then frees the space.
   *
   * @returns what it was
   * @throws {CoppiceError} NOT_FOUND
   */
  async delete(reference: VersionReference): Promise<AgentVersion> {
    const { ledger } = this.#store;
    const row = ledger.transaction.run(() => {
      const found = this.#require(reference);
      this.#versions.delete(found);
      return found;
    });
    await releaseAfterwards(this.#store);
    return recordOf(row);
  }

  /**
   * Returns a stream of a bundle's bytes, exactly as they were uploaded. Errors come as the stream's `error`: NOT_FOUND where there is no
   * such version, or where it was uploaded from a directory or a snapshot and has no bundle.
   */
  download(reference: VersionReference): Readable {
    return Readable.from(this.#bundleOf(reference), { objectMode: false });
  }

  /**
   * Makes a workspace with an agent's files, writes its configuration files into it, and returns what is to be run there. All that is
   * missing is told before anything is made. The configuration files are for their owner alone (0600), and no snapshot of the workspace
   * has them: a workspace that is made of such a snapshot has none, nor has this one after a rollback; launch the version again.
   *
   * Nothing is run and no network closed: that is for whoever called.
   *
   * @throws {CoppiceError} MISSING_ENV and MISSING_SECRET, naming all that is missing; NOT_FOUND, INVALID_ARGUMENT, LIMIT_EXCEEDED, and as
   * `Store.fork`; nothing is left then
   * @example
   * const { workspace, command: [program, ...args], env } = await store.registry.launch({ name: "support-bot", tag: "stable" }, {
   *   env: { ...process.env },
   *   secrets: { API_KEY: await vault.read("api-key") },
   * });
   * await workspace.exec(program, args, { env });
   */
  async launch(reference: VersionReference, options: LaunchOptions = {}): Promise<Launched> {
    const record = recordOf(this.#require(reference));
    const { launch } = await import("./launch.js");
    return launch(this.#store, record, options);
  }

  /** Returns the limits of the registry; an empty object, where none were set. */
  limits(): Promise<RegistryLimits>;
  /**
   * Sets the limits of the registry, in place of those before. They hold from the next upload on.
   *
   * @returns the limits as they are now
   * @throws {TypeError} where a member is none of them
   * @throws {RangeError} where a number is out of its range
   */
  limits(limits: RegistryLimits): Promise<RegistryLimits>;
  async limits(limits?: RegistryLimits): Promise<RegistryLimits> {
    const { ledger } = this.#store;
    return limits === undefined ? readLimits(ledger) : writeLimits(ledger, limits);
  }

  async *#bundleOf(reference: VersionReference): AsyncGenerator<Buffer> {
    const row = this.#require(reference);
    if (row.bundle === undefined)
      throw new CoppiceError(
        "NOT_FOUND",
        `Cannot download ${versionText(row)}: it was uploaded without a bundle, restore snapshot ${row.snapshot} to a directory instead`,
      );
    const bundle = await this.#store.get(row.bundle);
    yield* bundle.createReadStream(BUNDLE_FILE);
  }

  /** @throws {CoppiceError} NOT_FOUND */
  #require({ name, version, tag }: VersionReference): VersionRow {
    const reference = {
      name,
      ...(version === undefined ? { tag: tag ?? LATEST } : { version }),
    };
    checkReference({ ...reference, ...(tag !== undefined && { tag }) });
    return this.#versions.require(reference);
  }

  get #versions(): VersionTable {
    return new VersionTable(this.#store.ledger);
  }
}
