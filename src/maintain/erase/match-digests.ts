/**
 * Match digests: which stored contents are meant by digests.
 *
 * A content of one chunk has the digest of its bytes. One that is cut is stored under that of its list, which is what `stat` tells; what is
 * meant may be the digest of its bytes as well, as `sha256sum` tells it, and that only reading it can tell.
 */
import { createHash } from "node:crypto";
import { DigestSet } from "../../hash/digest-set.js";
import { readContent } from "../../tree/content-reader.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import type { FileContent } from "./file-contents.js";

/** What was found. */
export interface MatchedContents {
  readonly contents: readonly FileContent[];
  /** The digests that no content has. */
  readonly notFound: readonly Buffer[];
}

/**
 * Returns the contents that digests mean. Where one is that of no chunk and of no list, all contents that are cut are read; yields now and then.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function* matchDigests(
  objects: ObjectSource,
  contents: readonly FileContent[],
  digests: readonly Buffer[],
): Generator<void, MatchedContents> {
  const wanted = new DigestSet();
  for (const digest of digests) wanted.add(digest);
  const found = new DigestSet();
  const matched = contents.filter(({ content }) => wanted.has(content.digest));
  for (const { content } of matched) found.add(content.digest);
  if (found.size < wanted.size) {
    for (const each of contents) {
      const { content } = each;
      if (content.form === "chunk" || found.has(content.digest)) continue;
      const digest = yield* bytesDigest(objects, each);
      if (!wanted.has(digest)) continue;
      found.add(digest);
      matched.push(each);
    }
  }
  return { contents: matched, notFound: digests.filter((digest) => !found.has(digest)) };
}

function* bytesDigest(
  objects: ObjectSource,
  { content, sizeBytes }: FileContent,
): Generator<void, Buffer> {
  const hash = createHash("sha256");
  for (const bytes of readContent(objects, content, sizeBytes, 0, sizeBytes)) {
    hash.update(bytes);
    yield;
  }
  return hash.digest();
}
