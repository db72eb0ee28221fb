/**
 * References: what an object refers to, told without decoding the rest of it.
 */
import { DIGEST_BYTES, NO_DIGEST } from "../model/digest.js";
import { visitNodeItems } from "./content-list.js";
import { directoryTree, recordContent } from "./entry-codec.js";
import { decodeChild, decodeNode, decodeRoot, NODE_TYPES } from "./node-codec.js";

/** What an object is read as: who refers to it says so (src/pack/FORMAT.md, section 2). */
export type ObjectRole = "root" | "tree" | "list";

/** Told of a reference: the bytes that the digest lies in, and where. They stay as they are. */
export interface ReferenceVisitor {
  readonly object: (role: ObjectRole, bytes: Buffer, digestAt: number) => void;
  readonly data: (bytes: Buffer, digestAt: number) => void;
}

/**
 * Visits what an object refers to, in its order; some things several times. Costs about 0.3 µs a reference.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function visitReferences(bytes: Buffer, role: ObjectRole, visitor: ReferenceVisitor): void {
  if (role === "list") {
    visitNodeItems(bytes, (_, digestAt, level) => {
      if (level > 0) visitor.object("list", bytes, digestAt);
      else if (bytes.compare(NO_DIGEST, 0, DIGEST_BYTES, digestAt, digestAt + DIGEST_BYTES) !== 0)
        visitor.data(bytes, digestAt);
    });
  } else if (role === "root") {
    const { record, links } = decodeRoot(bytes);
    if (!links.equals(NO_DIGEST)) visitor.object("tree", links, 0);
    visitEntry(record, visitor);
  } else {
    const { type, records } = decodeNode(bytes);
    for (const record of records) {
      if (type === NODE_TYPES.index) visitor.object("tree", decodeChild(record).digest, 0);
      else if (type === NODE_TYPES.entries) visitEntry(record, visitor);
    }
  }
}

function visitEntry(record: Buffer, { object, data }: ReferenceVisitor): void {
  const content = recordContent(record);
  if (content === "directory") object("tree", directoryTree(record), 0);
  else if (content?.form === "list") object("list", record, content.digestAt);
  else if (content?.form === "chunk") data(record, content.digestAt);
}
