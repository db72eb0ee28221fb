/**
 * Extended attributes of overlayfs in an upper directory: what it notes there, and what programs set
 * (Documentation/filesystems/overlayfs.rst).
 */
import type { Xattr } from "../model/entry.js";

const PREFIX = Buffer.from("trusted.overlay.");
/** What programs set as `trusted.overlay.` is kept with the second `overlay.` (Linux 6.7). */
const ESCAPED_PREFIX = Buffer.from("trusted.overlay.overlay.");

/** What overlayfs notes on a directory. */
export interface OverlayNotes {
  /** Whether it shows nothing of what layers below have in it. */
  readonly isOpaque: boolean;
  /** Where the directory of the layers below lies, if not under the same name: a name beside it, or a path from the root that begins with `/`. */
  readonly redirect: Buffer | undefined;
}

/** Returns the attributes that programs see. */
export function visibleXattrs(xattrs: readonly Xattr[]): readonly Xattr[] {
  if (!xattrs.some(({ name }) => startsWith(name, PREFIX))) return xattrs;
  return xattrs.flatMap(({ name, value }) => {
    if (startsWith(name, ESCAPED_PREFIX)) {
      return [{ name: Buffer.concat([PREFIX, name.subarray(ESCAPED_PREFIX.length)]), value }];
    }
    return startsWith(name, PREFIX) ? [] : [{ name, value }];
  });
}

/** Returns what overlayfs notes on a directory. */
export function overlayNotes(xattrs: readonly Xattr[]): OverlayNotes {
  const value = (name: string): Buffer | undefined =>
    xattrs.find((each) => each.name.equals(Buffer.from(`trusted.overlay.${name}`)))?.value;
  return { isOpaque: value("opaque")?.toString() === "y", redirect: value("redirect") };
}

function startsWith(name: Buffer, prefix: Buffer): boolean {
  return name.subarray(0, prefix.length).equals(prefix);
}
