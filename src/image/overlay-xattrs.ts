/**
 * Extended attributes in layers of overlayfs (Documentation/filesystems/overlayfs.rst, "Nesting overlayfs
 * mounts", Linux 6.7).
 */
import type { Xattr } from "../model/entry.js";

const PREFIX = Buffer.from("trusted.overlay.");
/** What overlayfs shows without the second `overlay.`, and does not act upon. */
const ESCAPED_PREFIX = Buffer.from("trusted.overlay.overlay.");
const OPAQUE: Xattr = { name: Buffer.from("trusted.overlay.opaque"), value: Buffer.from("y") };

/**
 * Returns attributes in which overlayfs sees no orders: a captured layer of another overlay may hold such.
 */
export function escapeOverlayXattrs(xattrs: readonly Xattr[]): readonly Xattr[] {
  if (!xattrs.some(isOverlays)) return xattrs;
  return xattrs.map((xattr) =>
    isOverlays(xattr)
      ? { ...xattr, name: Buffer.concat([ESCAPED_PREFIX, xattr.name.subarray(PREFIX.length)]) }
      : xattr,
  );
}

/** Returns a directory's attributes with the one that hides what layers below have in it. */
export function markOpaque(xattrs: readonly Xattr[]): readonly Xattr[] {
  return [OPAQUE, ...xattrs];
}

function isOverlays({ name }: Xattr): boolean {
  return name.subarray(0, PREFIX.length).equals(PREFIX);
}
