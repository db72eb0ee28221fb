/**
 * Tree scan: hands out the work of scanning a directory, takes the results and builds the tree bottom up.
 *
 * A directory passes through:
 *
 *     queued --task--> listed --all below it done--> built
 *                 \--> gone
 *
 * Invariants:
 * (D1) A directory is built once everything below it is built and every file in it is read; its
 *      parent then knows its digests.
 * (D2) All names of one inode get one content, read after all directories were listed.
 * (D3) A block of the cache is shared and never changed; to change one, it is copied first.
 */

import { CoppiceError } from "../model/error.js";
import type { SystemPath } from "../system/system-path.js";
import { receivedBytes } from "../threads/posted.js";
import { decodeEntry, directoryTree, recordName, setDirectoryTree } from "../tree/entry-codec.js";
import { buildLinks } from "../tree/link-tree.js";
import type { NodeSink } from "../tree/tree-builder.js";
import { renamed, sameButName } from "../tree/tree-record.js";
import { buildBlock } from "./build-block.js";
import type { BlockSummary } from "./directory-block.js";
import { BlockDraft, DirectoryBlock, ENTRY_FLAGS } from "./directory-block.js";
import type { LinkedName } from "./link-groups.js";
import { LinkGroups } from "./link-groups.js";
import type {
  DirectoryResult,
  DirectoryTask,
  FileResult,
  FileTask,
  ScanResult,
  ScanTask,
} from "./scan-task.js";
import type { ScannedDirectory } from "./scanned-directory.js";
import { joinPath, nameFromBytes } from "./source-directory.js";
import { distrust, identityOf, sizeOf } from "./stat-lanes.js";

/** At most so many directories, or files with several names, make one task: a message costs 55 µs. */
const TASK_ITEMS_MAX = 64;

export class TreeScan {
  readonly #cache: Buffer;
  readonly #nodes: NodeSink;
  readonly #directories: ScannedDirectory[] = [];
  #queuedDirectories: DirectoryTask[] = [];
  #queuedFiles: FileTask[] = [];
  readonly #links = new LinkGroups();
  #linksStarted = false;
  #unfinished = 0;
  #entriesSeen = 0;
  #largeBytesSeen = 0;

  /**
   * @param root identity of the directory to scan
   * @param cache the stat cache's bytes; empty for none
   * @param rootBlock offset of the root's block in it, 0 for none
   * @param nodes takes the nodes of the trees that differ from the cached ones
   */
  constructor(root: string, cache: Buffer, rootBlock: number, nodes: NodeSink) {
    this.#cache = cache;
    this.#nodes = nodes;
    this.#queue(undefined, 0, "", root, rootBlock);
  }

  /** Entries listed so far. */
  get entriesSeen(): number {
    return this.#entriesSeen;
  }

  /** Sum of the sizes of the large files that were found, read or not. */
  get largeBytesSeen(): number {
    return this.#largeBytesSeen;
  }

  /** How much could be done at once now. */
  get queuedCount(): number {
    return this.#queuedDirectories.length + this.#queuedFiles.length;
  }

  get isDone(): boolean {
    return this.#unfinished === 0 && this.queuedCount === 0;
  }

  /** All directories found, parents before what is below them. */
  get directories(): readonly ScannedDirectory[] {
    return this.#directories;
  }

  get root(): ScannedDirectory {
    return this.#directories[0] as ScannedDirectory;
  }

  /**
   * Returns work for one thread, or `undefined` while others' results must come first.
   *
   * @param share how many threads the work is to be divided among
   */
  nextTask(share: number): ScanTask | undefined {
    const count = this.queuedCount;
    if (count === 0) return undefined;
    const items = Math.min(TASK_ITEMS_MAX, Math.ceil(count / (2 * share)));
    // Large files first: the last thread should not be left alone with one.
    const files = this.#queuedFiles.splice(-(this.#linksStarted ? items : 1));
    const directories = files.length > 0 ? [] : this.#queuedDirectories.splice(-items);
    this.#unfinished++;
    return { directories, files };
  }

  /** Takes what a thread found. */
  accept(result: Pick<ScanResult, "directories" | "files">): void {
    this.#unfinished--;
    for (const each of result.directories) this.#acceptDirectory(each);
    for (const each of result.files) this.#acceptFile(each);
    if (this.isDone && !this.#linksStarted) this.#startLinks();
  }

  /** Returns the digest of the hard-link groups' tree; zero where there are none. */
  finishLinks(): Buffer {
    return buildLinks(
      this.#links.paths((name) => this.#pathOf(name)),
      this.#nodes,
    );
  }

  #queue(
    parent: ScannedDirectory | undefined,
    entry: number,
    path: SystemPath,
    identity: string,
    cacheBlock: number,
  ): void {
    const directory: ScannedDirectory = {
      id: this.#directories.length,
      path,
      parent,
      entry,
      block: NO_BLOCK,
      isShared: true,
      isGone: false,
      pending: 0,
      children: [],
    };
    this.#directories.push(directory);
    parent?.children.push(directory);
    this.#queuedDirectories.push({ id: directory.id, path, identity, cacheBlock });
    if (cacheBlock > 0) directory.block = DirectoryBlock.at(this.#cache, cacheBlock);
  }

  #acceptDirectory(result: DirectoryResult): void {
    const directory = this.#directories[result.id] as ScannedDirectory;
    if (result.outcome === "gone") {
      if (directory.parent === undefined) {
        throw new CoppiceError(
          "SOURCE_VANISHED",
          "Cannot capture directory: it vanished or was replaced, try again",
        );
      }
      directory.isGone = true;
      this.#own(directory.parent);
      this.#drop(directory.parent, directory.entry);
      this.#settle(directory.parent);
      return;
    }
    if (result.outcome === "listed") {
      directory.block = new DirectoryBlock(receivedBytes(result.block));
      directory.isShared = false;
    }
    this.#expand(directory);
  }

  /** Queues what is below a listed directory. */
  #expand(directory: ScannedDirectory): void {
    const { block } = directory;
    const count = block.entryCount;
    this.#entriesSeen += count;
    directory.pending = 1; // Itself, so that it is not built before everything is queued.
    for (let entry = 0; entry < count; entry++) {
      const flags = block.flags(entry);
      if (flags === 0 || (flags & ENTRY_FLAGS.gone) !== 0) continue;
      const at = block.lanesOf(entry);
      const identity = identityOf(block.lanes, at);
      directory.pending++;
      if ((flags & ENTRY_FLAGS.directory) !== 0) {
        this.#queue(
          directory,
          entry,
          this.#childPath(directory, entry),
          identity,
          block.childBlock(entry),
        );
      } else if ((flags & ENTRY_FLAGS.linked) !== 0) {
        this.#links.add({ directory: directory.id, entry }, identity);
      } else {
        this.#largeBytesSeen += sizeOf(block.lanes, at);
        const path = this.#childPath(directory, entry);
        this.#queuedFiles.push({ directory: directory.id, entry, path, identity, isLinked: false });
      }
    }
    this.#settle(directory);
  }

  /** All directories are listed: now the names of each inode are known (D2). */
  #startLinks(): void {
    this.#linksStarted = true;
    for (const [identity, names] of this.#links.groups()) {
      const first = names[0] as LinkedName;
      if (this.#isSettled(names)) {
        for (const name of names)
          this.#settle(this.#directories[name.directory] as ScannedDirectory);
      } else {
        this.#queuedFiles.push({ ...first, path: this.#pathOf(first), identity, isLinked: true });
      }
    }
  }

  /** Whether a group's content is known, and the same for all of its names. */
  #isSettled(names: readonly LinkedName[]): boolean {
    const [first, ...others] = names.map((name) => {
      const block = (this.#directories[name.directory] as ScannedDirectory).block;
      return { block, ...name };
    });
    if (first === undefined) return true;
    const entry = decodeEntry(first.block.record(first.entry));
    if (entry.kind !== "file") return true;
    const isRead = [first, ...others].every(
      (each) => (each.block.flags(each.entry) & ENTRY_FLAGS.deferred) === 0,
    );
    return (
      isRead &&
      others.every((each) =>
        sameButName(first.block.record(first.entry), each.block.record(each.entry)),
      )
    );
  }

  #acceptFile(result: FileResult): void {
    const { record, lanes } = result;
    if (record === undefined || lanes === undefined) {
      this.#acceptMissing(result);
      return;
    }
    for (const name of this.#links.namesOf(result) ?? [result]) {
      const directory = this.#directories[name.directory] as ScannedDirectory;
      this.#own(directory);
      const own = renamed(Buffer.from(record), recordName(directory.block.record(name.entry)));
      directory.block = directory.block.withRecord(name.entry, own);
      directory.block.lanes.set(lanes, directory.block.lanesOf(name.entry));
      directory.block.setFlags(
        name.entry,
        directory.block.flags(name.entry) & ~ENTRY_FLAGS.deferred,
      );
      this.#settle(directory);
    }
  }

  /** A name under which there was nothing to read is dropped; its file is read under the next one. */
  #acceptMissing(name: LinkedName): void {
    const directory = this.#directories[name.directory] as ScannedDirectory;
    this.#own(directory);
    this.#drop(directory, name.entry);
    this.#links.drop(name);
    const next = this.#links.namesOf(name)?.[0];
    if (next !== undefined) {
      const { block } = this.#directories[next.directory] as ScannedDirectory;
      const identity = identityOf(block.lanes, block.lanesOf(next.entry));
      this.#queuedFiles.push({ ...next, path: this.#pathOf(next), identity, isLinked: true });
    }
    this.#settle(directory);
  }

  /** One thing that a directory waited for is there; builds it, and its parents, when it was the last. */
  #settle(directory: ScannedDirectory): void {
    for (
      let each: ScannedDirectory | undefined = directory;
      each !== undefined;
      each = each.parent
    ) {
      each.pending--;
      if (each.pending > 0) return;
      if (!each.isShared) each.block.setSummary(buildBlock(each.block, this.#nodes));
      if (each.parent !== undefined) this.#tellParent(each.parent, each.entry, each.block.summary);
    }
  }

  #tellParent(parent: ScannedDirectory, entry: number, summary: BlockSummary): void {
    if (directoryTree(parent.block.record(entry)).equals(summary.tree)) return;
    this.#own(parent);
    setDirectoryTree(parent.block.record(entry), summary);
  }

  /** Makes a directory's block one that may be changed (D3). */
  #own(directory: ScannedDirectory): void {
    if (!directory.isShared) return;
    directory.block = directory.block.copy();
    directory.isShared = false;
  }

  #drop(directory: ScannedDirectory, entry: number): void {
    directory.block.setFlags(entry, ENTRY_FLAGS.gone);
    directory.block.markIncomplete();
    distrust(directory.block.lanes, directory.block.lanesOf(entry));
  }

  #childPath(directory: ScannedDirectory, entry: number): SystemPath {
    return joinPath(directory.path, nameFromBytes(recordName(directory.block.record(entry))));
  }

  #pathOf(name: LinkedName): SystemPath {
    return this.#childPath(this.#directories[name.directory] as ScannedDirectory, name.entry);
  }
}

const NO_BLOCK = new BlockDraft().finish(Buffer.alloc(0), true);
