/**
 * Check object: whether a stored object can be decoded, down to the last entry.
 */
import { CoppiceError } from "../../model/error.js";
import { decodeEntry, recordName } from "../../tree/entry-codec.js";
import { decodeLinkGroup, linkGroupName } from "../../tree/links-codec.js";
import { decodeChild, decodeNode, decodeRoot, NODE_TYPES } from "../../tree/node-codec.js";
import type { ObjectRole } from "../../tree/references.js";

/**
 * Decodes all of an object; of a list `visitReferences` has done it. About 1 µs an entry.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function checkObject(bytes: Buffer, role: ObjectRole): void {
  if (role === "list") return;
  if (role === "root") {
    if (decodeEntry(decodeRoot(bytes).record).kind !== "directory")
      throw new CoppiceError("CORRUPT", "Cannot read snapshot: its root is no directory");
    return;
  }
  const { type, records } = decodeNode(bytes);
  let before: Buffer | undefined;
  for (const record of records) {
    const name = nameOf(type, record);
    if (before !== undefined && before.compare(name) >= 0)
      throw new CoppiceError("CORRUPT", "Cannot read tree: its names are not in order");
    before = name;
  }
}

/** Decodes a record, and returns that by which it has its place. */
function nameOf(type: number, record: Buffer): Buffer {
  if (type === NODE_TYPES.index) return decodeChild(record).firstName;
  if (type === NODE_TYPES.entries) {
    decodeEntry(record);
    return recordName(record);
  }
  decodeLinkGroup(record);
  return linkGroupName(record);
}
