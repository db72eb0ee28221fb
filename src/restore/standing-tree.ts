/**
 * Standing tree: what stands in a directory, as a tree in memory over the stored ones.
 */
import type { SnapshotFilter } from "../catalog/snapshot-table.js";
import type { OnProgress } from "../model/options.js";
import type { CachePlace } from "../scan/cache-place.js";
import { cachePlace } from "../scan/cache-place.js";
import { NO_SINK, NOTHING_NEW } from "../scan/chunk-pipeline.js";
import { runScan } from "../scan/run-scan.js";
import type { TreeScan } from "../scan/tree-scan.js";
import type { Engine } from "../snapshot/engine.js";
import type { Source } from "../snapshot/source.js";
import { loadUsableCache, rootOf } from "../snapshot/source.js";
import { NewObjects } from "../tree/new-objects.js";
import type { Root } from "../tree/root.js";
import { readRoot } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";

/** What stands in a directory. */
export interface Standing {
  readonly root: Root;
  /** Of the root. */
  readonly digest: Buffer;
  /** Has the objects of the root and what is stored. */
  readonly objects: ObjectSource;
  readonly scan: TreeScan;
  /** When the scan began. */
  readonly sinceMs: number;
  /** Where its stat cache lies. */
  readonly place: CachePlace;
}

/** How a directory is looked at. */
export interface StandingOptions {
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/**
 * Looks at a directory. Files that nothing touched since it was last captured or restored are not read; what cannot
 * be read counts as different from everything.
 *
 * @param filter what is not looked at
 * @throws {CoppiceError} SOURCE_VANISHED, UNREADABLE for a directory that cannot be listed
 */
export async function scanStanding(
  engine: Engine,
  filter: SnapshotFilter,
  source: Source,
  options: StandingOptions,
): Promise<Standing> {
  const { catalog } = engine;
  const sinceMs = Date.now();
  const objects = new NewObjects(engine.objects);
  const place = cachePlace(source.path, catalog.storeId);
  const cache = loadUsableCache(engine, place);
  const { scan } = await runScan({
    settings: {
      root: source.path,
      ...filter,
      onUnreadable: "differ",
      omit: source.omit,
      omitPaths: source.omitPaths,
      cache: cache.memory,
    },
    root: source.identity,
    rootBlock: cache.rootBlock,
    store: undefined,
    service: {
      known: NOTHING_NEW,
      acquirePack: () => {
        throw new Error("Looking at a directory writes nothing");
      },
    },
    sink: NO_SINK,
    nodes: objects,
    workers: options.workers,
    sync: false,
    signal: options.signal,
    onProgress: (entries, bytesRead) => options.onProgress?.({ phase: "scan", entries, bytesRead }),
  });
  const root = rootOf(source, scan);
  objects.putNode(root);
  return {
    root: readRoot(objects, root.digest),
    digest: root.digest,
    objects,
    scan,
    place,
    sinceMs,
  };
}
