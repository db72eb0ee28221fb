/**
 * What operations on a store work with. Each function takes the parts that it needs (`Pick`).
 */
import type { Catalog } from "../catalog/catalog.js";
import { missingChunk } from "../catalog/catalog.js";
import type { Disk } from "../disk/disk.js";
import type { ChunkReader } from "../pack/chunk-reader.js";
import type { ObjectSource } from "../tree/tree-reader.js";

export interface Engine {
  /** The store's directory, absolute. */
  readonly directory: string;
  readonly disk: Disk;
  readonly catalog: Catalog;
  readonly chunks: ChunkReader;
  readonly objects: ObjectSource;
}

/** Returns objects by digest: the catalog knows where they lie, the reader checks them. */
export function storedObjects(catalog: Catalog, chunks: ChunkReader): ObjectSource {
  return {
    readObject(digest) {
      const location = catalog.locate(digest);
      if (location === undefined) throw missingChunk(digest);
      const bytes = Buffer.allocUnsafe(location.lengthBytes);
      chunks.readInto(digest, location, bytes);
      return bytes;
    },
  };
}
