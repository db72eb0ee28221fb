/**
 * Check collisions: whether names of an archive are one on file systems that ignore case, Unicode's normal forms, or both
 * (APFS, NTFS): of two files, one would be left there.
 */
import { archiveUnsafe } from "./archive-error.js";
import type { ArchiveDirectory, ArchiveNode } from "./archive-tree.js";
import { walkTree } from "./archive-tree-walk.js";

/** @throws {CoppiceError} ARCHIVE_UNSAFE */
export function checkCollisions(root: ArchiveDirectory): void {
  const seen = new Map<ArchiveDirectory, Map<string, string>>();
  for (const { directory, name, node } of walkTree(root)) {
    const names = seen.get(directory) ?? new Map<string, string>();
    seen.set(directory, names);
    const folded = fold(name);
    const other = names.get(folded);
    if (other !== undefined) throw collision(directory, name, node, other);
    names.set(folded, name);
  }
}

/** Returns what is the same of names that collide. */
function fold(name: string): string {
  const text = Buffer.from(name, "latin1").toString();
  // Twice: upper case makes one of ß and ss, lower case of σ and ς; either may undo the normal form.
  return text.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

function collision(
  directory: ArchiveDirectory,
  name: string,
  node: ArchiveNode,
  other: string,
): Error {
  const names = [name];
  for (let at = directory; at.parent !== undefined; at = at.parent) names.unshift(at.name);
  const path = Buffer.from(names.join("/"), "latin1");
  const twin = JSON.stringify(Buffer.from(other, "latin1").toString());
  return archiveUnsafe(
    "collision",
    `has the same name as ${twin} where case and normal forms do not count`,
    { number: node.number, path },
    'allow it with caseCollisions: "keep"',
  );
}
