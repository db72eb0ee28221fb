/**
 * Extended attributes in layers of overlayfs (Documentation/filesystems/overlayfs.rst, "Nesting overlayfs
 * mounts", Linux 6.7).
 */
import type { Xattr } from "../model/entry.js";

const PREFIX = Buffer.from("trusted.overlay.");
/** What overlayfs shows without the second `overlay.`, and does not act upon. */
const ESCAPED_PREFIX = Buffer.from("trusted.overlay.overlay.");
const OPAQUE: Xattr = { name: Buffer.from("trusted.overlay.opaque"), value: Buffer.from("y") };
const REDIRECT = Buffer.from("trusted.overlay.redirect");

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

/** What overlayfs notes on a directory of its upper layer. */
export interface OverlayNotes {
  /** Whether it shows nothing of what layers below have in it. */
  readonly isOpaque: boolean;
  /** Where the directory of the layers below lies, if not under the same name: a name beside it, or a path from the root that begins with `/`. */
  readonly redirect: Buffer | undefined;
}

/** Returns what overlayfs notes on a directory. */
export function overlayNotes(xattrs: readonly Xattr[]): OverlayNotes {
  const value = (wanted: Buffer): Buffer | undefined =>
    xattrs.find(({ name }) => name.equals(wanted))?.value;
  return { isOpaque: value(OPAQUE.name)?.equals(OPAQUE.value) === true, redirect: value(REDIRECT) };
}

/** Returns the attributes that programs see: without overlayfs's own, and as they were before they were escaped. */
export function visibleXattrs(xattrs: readonly Xattr[]): readonly Xattr[] {
  if (!xattrs.some(isOverlays)) return xattrs;
  return xattrs.flatMap((xattr) => {
    if (startsWith(xattr, ESCAPED_PREFIX)) {
      const name = Buffer.concat([PREFIX, xattr.name.subarray(ESCAPED_PREFIX.length)]);
      return [{ ...xattr, name }];
    }
    return isOverlays(xattr) ? [] : [xattr];
  });
}

function isOverlays(xattr: Xattr): boolean {
  return startsWith(xattr, PREFIX);
}

function startsWith({ name }: Xattr, prefix: Buffer): boolean {
  return name.subarray(0, prefix.length).equals(prefix);
}
