/**
 * In what two entries of one name differ.
 */
import type { Entry, Xattr } from "../model/entry.js";

/** What of an entry changed. */
export type Aspect =
  | "content"
  | "mode"
  | "owner"
  | "times"
  | "xattrs"
  | "target"
  | "device"
  | "links";

/** Returns whether two entries hold the same: content, target or device; for directories, the same tree. */
export function sameContent(a: Entry, b: Entry): boolean {
  if (a.kind === "file" && b.kind === "file") {
    if (a.sizeBytes !== b.sizeBytes || a.content.form !== b.content.form) return false;
    return (
      a.content.form === "empty" ||
      b.content.form === "empty" ||
      a.content.digest.equals(b.content.digest)
    );
  }
  if (a.kind === "directory" && b.kind === "directory") return a.tree.equals(b.tree);
  if (a.kind === "symlink" && b.kind === "symlink") return a.target.equals(b.target);
  if ("major" in a && "major" in b)
    return a.kind === b.kind && a.major === b.major && a.minor === b.minor;
  return a.kind === b.kind;
}

/** Returns what differs between two entries of the same kind; what is below directories is not looked at. */
export function differingAspects(a: Entry, b: Entry): Aspect[] {
  const aspects: Aspect[] = [];
  if (a.kind !== "directory" && !sameContent(a, b)) {
    aspects.push(a.kind === "file" ? "content" : a.kind === "symlink" ? "target" : "device");
  }
  if (a.mode !== b.mode) aspects.push("mode");
  if (a.uid !== b.uid || a.gid !== b.gid) aspects.push("owner");
  if (a.mtimeSeconds !== b.mtimeSeconds || a.mtimeNanoseconds !== b.mtimeNanoseconds)
    aspects.push("times");
  if (!sameXattrs(a.xattrs, b.xattrs)) aspects.push("xattrs");
  return aspects;
}

/** Returns whether two lists of extended attributes, each sorted by name, are the same. */
export function sameXattrs(a: readonly Xattr[], b: readonly Xattr[]): boolean {
  return (
    a.length === b.length &&
    a.every((each, index) => {
      const other = b[index] as Xattr;
      return each.name.equals(other.name) && each.value.equals(other.value);
    })
  );
}
