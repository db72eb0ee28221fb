import { sha256 } from "#dist/hash/sha256.js";
import { CoppiceError } from "#dist/model/error.js";
import type { ListSink } from "#dist/tree/content-list.js";
import type { ChunkSource } from "#dist/tree/content-reader.js";
import type { EncodedNode } from "#dist/tree/node-codec.js";
import type { NodeSink } from "#dist/tree/tree-builder.js";

/** Objects in memory: takes what builders make, gives it to readers, counts. */
export class MemoryObjects implements ListSink, NodeSink, ChunkSource {
  /** Bytes by digest in hexadecimal. */
  readonly nodes = new Map<string, Buffer>();
  /** How many objects were read. */
  reads = 0;

  put(bytes: Buffer): Buffer {
    const digest = sha256(bytes);
    this.nodes.set(digest.toString("hex"), bytes);
    return digest;
  }

  putListNode(bytes: Buffer, digest: Buffer): void {
    this.nodes.set(digest.toString("hex"), bytes);
  }

  putNode({ bytes, digest }: EncodedNode): void {
    this.nodes.set(digest.toString("hex"), bytes);
  }

  readObject(digest: Buffer): Buffer {
    this.reads++;
    const bytes = this.nodes.get(digest.toString("hex"));
    if (bytes === undefined) throw new CoppiceError("CORRUPT", "Cannot read object: there is none");
    return bytes;
  }

  readChunk(digest: Buffer, lengthBytes: number, start: number, target: Uint8Array): void {
    const bytes = this.readObject(digest);
    if (bytes.length !== lengthBytes) throw new CoppiceError("CORRUPT", "Cannot read chunk");
    target.set(bytes.subarray(start, start + target.length));
  }
}
