/**
 * Overlay options: what an overlay of a workspace is mounted with (Documentation/filesystems/overlayfs.rst).
 */

/**
 * Returns what the options of a workspace's overlay hold, as mountinfo shows them: overlayfs writes its own escapes into
 * paths, but there is nothing to escape in this part of them.
 */
export function stateInOptions(id: string, layer: string | undefined): string {
  return layer === undefined ? `/workspaces/${id}/` : `/workspaces/${id}/${layer}/`;
}

/** What mountinfo shows as the source of our overlays. */
export const OVERLAY_SOURCE = "coppice";

const SETTINGS = [
  // One device for all of it, and inode numbers that stay when a file is copied up.
  "xino=on",
  // A directory of the layers below is renamed by reference.
  "redirect_dir=on",
  // A file is copied up whole: the upper directory alone has what was changed.
  "metacopy=off",
  "index=off",
];

/**
 * Returns the options of an overlay.
 *
 * @param lower the directories of its layers, the uppermost first
 * @param writable where what is changed goes; `undefined` for an overlay that cannot be written to
 */
export function overlayOptions(
  lower: readonly string[],
  writable: { readonly upper: string; readonly work: string } | undefined,
): string {
  const options = [`lowerdir=${lower.map((each) => escaped(each, /[\\:,]/g)).join(":")}`];
  if (writable !== undefined) {
    options.push(`upperdir=${escaped(writable.upper, /[\\,]/g)}`);
    options.push(`workdir=${escaped(writable.work, /[\\,]/g)}`);
    // No sync when it is unmounted: what matters is in snapshots.
    options.push("volatile");
  }
  return [...options, ...SETTINGS].join(",");
}

function escaped(path: string, special: RegExp): string {
  return path.replace(special, "\\$&");
}
