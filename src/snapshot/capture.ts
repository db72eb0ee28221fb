/**
 * Capture: a directory becomes a snapshot.
 *
 *     scan -> snapshot writer -> stat cache
 *
 * A capture returns a snapshot of this directory as it was during the call, or throws.
 */
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { CaptureReport, PathList } from "../model/capture-report.js";
import { checkLabels, checkName, checkWord, checkWorkers } from "../model/check-options.js";
import type { OnProgress } from "../model/options.js";
import { NO_ROOM_MADE } from "../model/room-made.js";
import { explainFailure } from "../model/system-failure.js";
import { CHUNK_ROW_BYTES } from "../pack/chunk-table.js";
import { cachePlace } from "../scan/cache-place.js";
import { runScan } from "../scan/run-scan.js";
import { secretPatterns, secretReasons } from "../scan/secret-patterns.js";
import { saveStatCache } from "../scan/stat-cache.js";
import { systemCalls } from "../system/system-calls.js";
import type { Engine } from "./engine.js";
import { unlessCollected } from "./require-stored.js";
import { roomFor } from "./room-for.js";
import type { SnapshotOptions } from "./snapshot-options.js";
import type { SnapshotDraft } from "./snapshot-writer.js";
import { isNewSnapshot, requireParent, SnapshotWriter } from "./snapshot-writer.js";
import { knownDirectory, loadUsableCache, openSource, rootOf, withoutOmitted } from "./source.js";

/** How a directory is captured. */
export interface CaptureOptions extends SnapshotOptions {
  /** Id of the snapshot that this one follows. */
  readonly parent?: string;
  /**
   * What to leave out: patterns as in a gitignore file, relative to the directory. `"secrets"` stands for well-known files with credentials
   * (`secretPatterns`, which a list can contain: `[...secretPatterns, "*.log"]`); the report tells what was left out and why.
   */
  readonly exclude?: "secrets" | readonly string[];
  /**
   * Whether `.gitignore` files in the directory are heeded. `.git` itself is captured.
   * @default false
   */
  readonly gitignore?: boolean;
  /**
   * What becomes of files and directories that cannot be read: `fail` ends the capture, `skip` leaves
   * them out and lists them in the report.
   * @default "fail"
   */
  readonly onUnreadable?: "fail" | "skip";
  /**
   * Threads that read, hash and write: 0 to 64. 0 does everything in the calling thread.
   * @default as many as there are processors, at most 8, once a directory is large enough to gain by it
   */
  readonly workers?: number;
  /** Ends the capture; nothing is registered. */
  readonly signal?: AbortSignal;
  /** Called in the calling thread: `scan` while the directory is read, then `commit` once. */
  readonly onProgress?: OnProgress;
}

/** What a capture gives. */
export interface Capture {
  readonly row: SnapshotRow;
  readonly report: CaptureReport;
  readonly filesRead: number;
}

/**
 * Captures a directory; see `Store.snapshot`.
 *
 * @param kept ids of snapshots that do not go to make room for this one
 */
export function capture(
  engine: Engine,
  directory: string,
  options: CaptureOptions,
  kept: readonly string[] = [],
): Promise<Capture> {
  return captureAs(engine, directory, options, undefined, kept);
}

/**
 * Captures the directory of a workspace, and notes that it is in the new snapshot's state.
 *
 * @param head the snapshot that it was last in the state of; returned where it still is, unless a name or labels are given
 */
export function captureWorkspace(
  engine: Engine,
  { id, path }: { readonly id: string; readonly path: string },
  head: SnapshotRow,
  options: SnapshotOptions,
): Promise<Capture> {
  return captureAs(engine, path, { ...options, parent: head.id }, { id, head });
}

async function captureAs(
  engine: Engine,
  directory: string,
  options: CaptureOptions,
  workspace: { readonly id: string; readonly head: SnapshotRow } | undefined,
  kept: readonly string[] = [],
): Promise<Capture> {
  const { isOver, ...captured } = await unlessCollected(() =>
    captureOnce(engine, directory, options, workspace),
  );
  const room = await roomFor(engine, { row: captured.row, isOver }, options.signal, kept);
  return { ...captured, report: { ...captured.report, ...room } };
}

async function captureOnce(
  engine: Engine,
  directory: string,
  options: CaptureOptions,
  workspace: { readonly id: string; readonly head: SnapshotRow } | undefined,
): Promise<Capture & { readonly isOver: boolean }> {
  checkWorkers(options.workers);
  checkName(options.name);
  checkLabels(options.labels);
  checkWord("durability", options.durability, ["full", "relaxed"]);
  checkWord("onUnreadable", options.onUnreadable, ["fail", "skip"]);
  const startedMs = performance.now();
  const sinceMs = Date.now();
  const { signal } = options;
  const action = `capture ${directory}`;
  let writer: SnapshotWriter | undefined;
  try {
    signal?.throwIfAborted();
    const source = withoutOmitted(engine, openSource(engine, directory));
    const parent = requireParent(engine, options.parent);
    const exclude = excludedPatterns(options.exclude);
    const filter = { exclude, gitignore: options.gitignore ?? false };
    const store = (writer = new SnapshotWriter(engine, options.durability));
    const place = cachePlace(source.path, store.storeId);
    const cache = loadUsableCache(engine, place);
    const { scan, tally, threads } = await runScan({
      settings: {
        root: source.path,
        ...filter,
        onUnreadable: options.onUnreadable ?? "fail",
        omit: source.omit,
        omitPaths: source.omitPaths,
        cache: cache.memory,
      },
      root: source.identity,
      rootBlock: cache.rootBlock,
      store: { directory: engine.directory, storeId: store.storeId },
      service: { known: store.known, acquirePack: () => store.acquirePack() },
      sink: store.chunks,
      nodes: store,
      workers: options.workers,
      sync: store.durability === "full",
      signal,
      onProgress: (entries, bytesRead) =>
        options.onProgress?.({ phase: "scan", entries, bytesRead }),
    });
    const { entryCount, totalBytes } = scan.root.block.summary;
    const root = rootOf(source, scan);
    const draft: SnapshotDraft = {
      root,
      parent,
      name: options.name,
      labels: options.labels ?? {},
      source: source.path,
      filter,
      entryCount,
      totalBytes,
      packs: threads.flatMap((thread) => thread.packs),
      directory: knownDirectory(source),
      ...(workspace && { workspace: { id: workspace.id, anchor: undefined } }),
    };
    signal?.throwIfAborted();
    const isHead = workspace !== undefined && !isNewSnapshot(workspace.head, options, root.digest);
    const { row, bytesStored, isOver } = isHead
      ? { row: workspace.head, bytesStored: 0, isOver: false }
      : store.commit(draft, (packs) => {
          const rowBytes = packs.reduce((sum, pack) => sum + pack.rows.length, 0);
          options.onProgress?.({ phase: "commit", chunks: rowBytes / CHUNK_ROW_BYTES });
        });
    if (scan.directories.some((each) => !each.isShared))
      saveStatCache(engine.disk, place, scan.directories, sinceMs);
    const bytesNew = threads.reduce((sum, thread) => sum + thread.bytesWritten, 0);
    return {
      row,
      isOver,
      filesRead: tally.filesRead,
      report: {
        entries: row.entryCount,
        totalBytes: row.totalBytes,
        bytesRead: tally.bytesRead,
        bytesNew: bytesNew + store.chunks.bytesWritten,
        bytesStored,
        unchanged: tally.unchanged,
        excluded: withReasons(tally.excluded, exclude),
        unreadable: tally.unreadable,
        skipped: tally.skipped,
        changed: tally.changed,
        limits: [...captureLimits(), ...store.remarks],
        ...NO_ROOM_MADE,
        workers: threads.length,
        durability: store.durability,
        durationMs: performance.now() - startedMs,
      },
    };
  } catch (error) {
    throw explainFailure(error, action, signal, "nothing was registered");
  } finally {
    writer?.close();
  }
}

function captureLimits(): string[] {
  const calls = systemCalls();
  return "unavailable" in calls
    ? [`extended attributes and ACLs were not captured: ${calls.unavailable}`]
    : [];
}

function excludedPatterns(exclude: CaptureOptions["exclude"] = []): string[] {
  if (typeof exclude !== "string") return [...exclude];
  checkWord("exclude", exclude, ["secrets"]);
  return [...secretPatterns];
}

/** Says of names that were left out as secrets what they are. */
function withReasons({ count, paths }: PathList, exclude: readonly string[]): PathList {
  const reasonOf = secretReasons(exclude);
  if (reasonOf === undefined) return { count, paths };
  return {
    count,
    paths: paths.map((each) => {
      const reason = each.reason ?? reasonOf(each.path);
      return reason === undefined ? each : { ...each, reason };
    }),
  };
}
