/**
 * Seen as: a store as it would be if its files had other names.
 */
import { type Alias, aliasedDisk } from "../../disk/aliased-disk.js";
import { ChunkReader } from "../../pack/chunk-reader.js";
import type { Engine } from "../../snapshot/engine.js";
import { StoredObjects } from "../../snapshot/stored-objects.js";

/** Returns an engine that reads a store's files under other names; its reader of chunks is the caller's to close. */
export function seenAs(engine: Engine, aliases: readonly Alias[]): Engine {
  const { catalog } = engine;
  const disk = aliasedDisk(engine.disk, aliases);
  const chunks = new ChunkReader(disk, catalog);
  return { ...engine, disk, chunks, objects: new StoredObjects(catalog.chunks, chunks) };
}
